import { errorName } from "@agenthandoff/aws-common";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { MULTIPART_FROM_BYTES } from "./limits.js";
import { putInParts } from "./multipart.js";
import type { ParsedOptions } from "./options.js";
import { BrokenResponseError } from "./s3-errors.js";
import type { ObjectVersion } from "./versions.js";

export interface PutOptions {
  readonly mediaType?: string | undefined;
  /** Writes nothing where something is: fails with `PreconditionFailed`. */
  readonly onlyIfAbsent?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface ObjectResponse {
  /** In bytes, of what `bytes()` yields. */
  readonly size: number;
  /** Whether the whole object comes, not a range of it. */
  readonly isWhole: boolean;
  /** Reads the rest of the response. @throws BrokenResponseError */
  bytes(): Promise<Uint8Array>;
  /** Gives the rest of the response up. */
  discard(): void;
}

/** All that the store asks of S3. Everything rejects with the SDK's own errors. */
export interface S3Bucket {
  put(key: string, bytes: Uint8Array, options: PutOptions): Promise<void>;
  get(key: string, range: string | undefined, signal: AbortSignal | undefined): Promise<ObjectResponse>;
  /** A page of the keys that begin with `prefix` and sort after `after`, ascending; `token` is the `next` of the page before. */
  list(
    prefix: string,
    position: { readonly after?: string | undefined; readonly token?: string | undefined },
    signal: AbortSignal | undefined,
  ): Promise<{ readonly keys: readonly string[]; readonly next: string | undefined }>;
  versions(key: string, signal: AbortSignal | undefined): Promise<ObjectVersion[]>;
  /** Deletes an object, which a versioned bucket does by a marker, or one version for good. */
  delete(key: string, versionId: string | undefined, signal: AbortSignal | undefined): Promise<void>;
  /** For people: the bucket's name, and the endpoint where it is not Amazon's. */
  describe(): Promise<string>;
}

type Settings = Pick<ParsedOptions, "bucket" | "expectedBucketOwner" | "encryption">;

export function s3Bucket(client: S3Client, { bucket, expectedBucketOwner, encryption }: Settings): S3Bucket {
  const target = {
    Bucket: bucket,
    ...(expectedBucketOwner === undefined ? {} : { ExpectedBucketOwner: expectedBucketOwner }),
  };
  const encrypted = encryptionInput(encryption);

  return {
    async put(key, bytes, { mediaType = "application/octet-stream", onlyIfAbsent = false, signal }) {
      const input = {
        ...target,
        ...encrypted,
        Key: key,
        Body: bytes,
        // No ContentEncoding, even for gzip: HTTP clients would unpack what is hashed as it is.
        ContentType: mediaType,
        // Named, since a client may be set up to compute none.
        ChecksumAlgorithm: "CRC32",
        ...(onlyIfAbsent ? { IfNoneMatch: "*" } : {}),
      } satisfies PutObjectCommandInput;
      if (bytes.byteLength >= MULTIPART_FROM_BYTES) return await putInParts(client, input, signal);
      await client.send(new PutObjectCommand(input), heeding(signal));
    },

    async get(key, range, signal) {
      // The SDK checks what it reads; of a range S3 tells no checksum.
      const input = {
        ...target,
        Key: key,
        ChecksumMode: "ENABLED" as const,
        ...(range === undefined ? {} : { Range: range }),
      };
      const { Body, ContentLength, ContentRange } = await client.send(new GetObjectCommand(input), heeding(signal));
      if (Body === undefined || ContentLength === undefined)
        throw new BrokenResponseError("the response had no body, or did not tell its length");
      return {
        size: ContentLength,
        isWhole: ContentRange === undefined,
        async bytes() {
          return await Body.transformToByteArray().catch((cause: unknown) => {
            // Silence has cost enough time already.
            if (errorName(cause) === "TimeoutError") throw cause;
            const why = cause instanceof Error ? cause.message : "unknown error";
            throw new BrokenResponseError(`the response broke off, or is not what S3 sent: ${why}`, { cause });
          });
        },
        discard: () => (Body as { destroy?: () => void }).destroy?.(),
      };
    },

    async list(prefix, { after, token }, signal) {
      const input = {
        ...target,
        Prefix: prefix,
        ...(after === undefined ? {} : { StartAfter: after }),
        ...(token === undefined ? {} : { ContinuationToken: token }),
      };
      const page = await client.send(new ListObjectsV2Command(input), heeding(signal));
      if (page.IsTruncated === true && page.NextContinuationToken === undefined)
        throw new BrokenResponseError("a list was cut without a word on how to go on");
      return {
        keys: (page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [Key])),
        next: page.IsTruncated === true ? page.NextContinuationToken : undefined,
      };
    },

    async versions(key, signal) {
      const found: ObjectVersion[] = [];
      let position: { readonly KeyMarker?: string; readonly VersionIdMarker?: string } | undefined = {};
      while (position !== undefined) {
        const command: ListObjectVersionsCommand = new ListObjectVersionsCommand({
          ...target,
          Prefix: key,
          ...position,
        });
        const page = await client.send(command, heeding(signal));
        const kinds = [
          { entries: page.Versions ?? [], isDeleteMarker: false },
          { entries: page.DeleteMarkers ?? [], isDeleteMarker: true },
        ];
        for (const { entries, isDeleteMarker } of kinds) {
          for (const { Key, VersionId, IsLatest } of entries) {
            // The prefix is also that of longer keys, which come later.
            if (Key !== key || VersionId === undefined || IsLatest === undefined) continue;
            found.push({ versionId: VersionId, isLatest: IsLatest, isDeleteMarker });
          }
        }
        const { IsTruncated, NextKeyMarker, NextVersionIdMarker } = page;
        if (IsTruncated === true && NextKeyMarker === undefined)
          throw new BrokenResponseError("a list of versions was cut without a word on how to go on");
        position =
          IsTruncated === true && NextKeyMarker === key
            ? { KeyMarker: key, ...(NextVersionIdMarker === undefined ? {} : { VersionIdMarker: NextVersionIdMarker }) }
            : undefined;
      }
      return found;
    },

    async delete(key, versionId, signal) {
      const input = { ...target, Key: key, ...(versionId === undefined ? {} : { VersionId: versionId }) };
      await client.send(new DeleteObjectCommand(input), heeding(signal));
    },

    async describe() {
      const endpoint = await client.config.endpoint?.();
      return endpoint === undefined ? `the bucket ${bucket}` : `the bucket ${bucket} at ${endpoint.hostname}`;
    },
  };
}

const heeding = (signal: AbortSignal | undefined): { abortSignal?: AbortSignal } =>
  signal === undefined ? {} : { abortSignal: signal };

function encryptionInput(encryption: ParsedOptions["encryption"]): Partial<PutObjectCommandInput> {
  if (encryption === undefined) return {};
  if (encryption === "s3") return { ServerSideEncryption: "AES256" };
  return {
    ServerSideEncryption: "aws:kms",
    SSEKMSKeyId: encryption.kmsKeyId,
    BucketKeyEnabled: encryption.bucketKey,
  };
}
