import { type AwsCalls, clientDefaults, guardCalls, patiently } from "@agenthandoff/aws-common";
import { BackendUnusableError, type ContextStore, ContextTooLargeError, hasCode, StoreError } from "@agenthandoff/core";
import { S3Client } from "@aws-sdk/client-s3";
import { probeConditionalWrites } from "./conditional-writes.js";
import { WAITS } from "./limits.js";
import { parseS3Options, type S3StoreOptions } from "./options.js";
import { cut, rangeHeader } from "./ranges.js";
import { s3Bucket } from "./s3-bucket.js";
import { explainedByS3, isMissing, isNotImplemented, isPastEnd, isTaken, triesFor } from "./s3-errors.js";
import { shared } from "./shared.js";
import { outdated } from "./versions.js";

export interface S3Store extends ContextStore {
  /**
   * Finds out whether the bucket can be written to and keeps conditional writes, as the first `putIfAbsent` does by
   * itself. Resolves at once when that is known, and where `probeKey` is `false`.
   * @throws BackendUnusableError that says what to mend, for a bucket without conditional writes with the reason `no-conditional-writes`
   * @throws StoreError where it cannot tell now
   */
  check(options?: { readonly signal?: AbortSignal }): Promise<void>;

  /** Frees the store's own client; one that was passed in stays open. Calls made later reject. */
  close(): Promise<void>;
}

/**
 * A context store in a bucket of Amazon S3, or of a server that speaks its protocol and keeps conditional writes.
 * Sends nothing before it is used.
 *
 * @throws InvalidOptionsError where an option cannot work.
 */
export function s3Store(options: S3StoreOptions): S3Store {
  const parsed = parseS3Options(options);
  const { maxObjectBytes, probeKey } = parsed;
  const client = parsed.client ?? new S3Client(clientDefaults(parsed.region, parsed.timeoutMs));
  const bucket = s3Bucket(client, parsed);
  const guarded = guardCalls(StoreError);
  let closed = false;

  const calls: AwsCalls = (call, work) =>
    guarded(call, async () => {
      if (closed)
        throw new BackendUnusableError("this store was closed; open another with s3Store()", { reason: "closed" });
      try {
        return await patiently({ ...parsed, ...WAITS, triesFor }, call.signal, work);
      } catch (error) {
        throw explainedByS3(error);
      }
    });

  const probe = shared(async () => {
    if (probeKey === false) return;
    await calls({ operation: "put", subject: probeKey }, () => probeConditionalWrites(bucket, probeKey));
  });

  function refuseTooLarge(key: string, { byteLength: size }: Uint8Array): void {
    if (size <= maxObjectBytes) return;
    const hint = "split it into several artifacts, or raise the store's maxObjectBytes";
    throw new ContextTooLargeError({ what: `object ${key}`, limit: maxObjectBytes, size, hint });
  }

  /** What only a current version hides is still there, for anybody who asks for it. */
  async function removeOldVersions(key: string, signal: AbortSignal | undefined): Promise<void> {
    const versions = await bucket.versions(key, signal).catch((error: unknown) => {
      // A server that knows no versions keeps none.
      if (isNotImplemented(error)) return [];
      throw error;
    });
    for (const versionId of outdated(versions)) await bucket.delete(key, versionId, signal);
  }

  return {
    async putIfAbsent(key, bytes, options = {}) {
      refuseTooLarge(key, bytes);
      await probe(options.signal);
      return await calls({ operation: "put", subject: key, signal: options.signal }, async () => {
        try {
          await bucket.put(key, bytes, { ...options, onlyIfAbsent: true });
          return "created";
        } catch (error) {
          // Perhaps by a first try of the SDK's own, whose answer was lost: core reads back.
          if (isTaken(error)) return "exists";
          throw error;
        }
      });
    },

    async get(key, { range, signal } = {}) {
      return await calls({ operation: "get", subject: key, signal }, async () => {
        try {
          const response = await bucket.get(key, range === undefined ? undefined : rangeHeader(range), signal);
          if (response.size > maxObjectBytes) {
            response.discard();
            throw tooLargeToRead(key, response.size, maxObjectBytes);
          }
          const bytes = await response.bytes();
          return range === undefined ? bytes : cut(bytes, range, response.isWhole);
        } catch (error) {
          if (isMissing(error)) return undefined;
          if (range !== undefined && isPastEnd(error)) return new Uint8Array(0);
          throw error;
        }
      });
    },

    async *list(prefix, { after, signal } = {}) {
      const call = { operation: "list", subject: prefix, signal };
      let token: string | undefined;
      do {
        const page = await calls(call, () => bucket.list(prefix, { after, token }, signal));
        for (const key of page.keys) {
          signal?.throwIfAborted();
          yield key;
        }
        token = page.next;
      } while (token !== undefined);
    },

    async overwrite(key, bytes, options = {}) {
      refuseTooLarge(key, bytes);
      await calls({ operation: "overwrite", subject: key, signal: options.signal }, async () => {
        await bucket.put(key, bytes, options);
        await removeOldVersions(key, options.signal);
      });
    },

    async delete(key, { signal } = {}) {
      await calls({ operation: "delete", subject: key, signal }, async () => {
        await bucket.delete(key, undefined, signal);
        await removeOldVersions(key, signal);
      });
    },

    async check({ signal } = {}) {
      try {
        await probe(signal);
      } catch (error) {
        throw hasCode(error, "STORE") && hasCode(error.cause, "BACKEND_UNUSABLE") ? error.cause : error;
      }
    },

    async close() {
      closed = true;
      if (parsed.client === undefined) client.destroy();
    },
  };
}

/** Nobody of this store's kind wrote it, or with another limit: reading it could take all memory. */
function tooLargeToRead(key: string, size: number, limit: number): StoreError {
  const hint = "raise the store's maxObjectBytes if it is one of yours";
  const cause = new ContextTooLargeError({ what: "the object", limit, size, hint });
  return new StoreError("get", { subject: key, cause, retryable: false });
}
