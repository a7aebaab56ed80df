import { BackendUnusableError } from "@agenthandoff/core";
import type { S3Bucket } from "./s3-bucket.js";
import { isNotImplemented, isTaken } from "./s3-errors.js";

/** For a person who finds the object. */
const PROBE = new TextEncoder().encode(
  'AgentHandoff writes this object with "If-None-Match: *" to find out whether its bucket keeps such conditions. Leave it here.\n',
);

/**
 * Finds out whether a bucket keeps conditional writes, by one that must be refused: its key is written once, and stays.
 * The first time in a bucket takes two requests, later ones take one.
 * @throws BackendUnusableError with the reason `no-conditional-writes`, or the SDK's own errors
 */
export async function probeConditionalWrites(bucket: S3Bucket, key: string): Promise<void> {
  const wasRefused = async (): Promise<boolean> => {
    try {
      await bucket.put(key, PROBE, { mediaType: "text/plain", onlyIfAbsent: true });
      return false;
    } catch (error) {
      if (isTaken(error)) return true;
      if (isNotImplemented(error)) throw await noConditionalWrites(bucket, "it does not know the header", error);
      throw error;
    }
  };
  if ((await wasRefused()) || (await wasRefused())) return;
  throw await noConditionalWrites(bucket, `it wrote ${key} twice`);
}

async function noConditionalWrites(bucket: S3Bucket, why: string, cause?: unknown): Promise<BackendUnusableError> {
  return new BackendUnusableError(
    `${await bucket.describe()} does not keep "If-None-Match: *" (${why}), so two workers could commit the same hop; use Amazon S3, or a server that answers 412 PreconditionFailed`,
    { reason: "no-conditional-writes", cause },
  );
}
