import { AbortMultipartUploadCommand, type PutObjectCommandInput, type S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { MAX_PARTS, PARALLEL_PARTS, PART_BYTES, PARTS_REMOVAL_MS } from "./limits.js";

/**
 * Writes a large object in parts, several at the same time. It appears as a whole, or not at all: a condition is
 * checked when the parts are put together. After a failure or an abort the parts are removed before this rejects.
 * @param removalMs how long that may take: a caller who has given up does not wait for a server that is silent
 */
export async function putInParts(
  client: S3Client,
  input: PutObjectCommandInput & { readonly Body: Uint8Array },
  signal: AbortSignal | undefined,
  removalMs: number = PARTS_REMOVAL_MS,
): Promise<void> {
  const upload = new Upload({
    client: failingTogether(client, signal, removalMs),
    // Of the whole object, so that one who reads it can check it.
    params: { ...input, ChecksumType: "FULL_OBJECT" },
    partSize: Math.max(PART_BYTES, Math.ceil(input.Body.byteLength / MAX_PARTS)),
    queueSize: PARALLEL_PARTS,
  });
  await upload.done();
}

type Command = Parameters<S3Client["send"]>[0];

/**
 * The same client, but the first failure, or the caller's abort, ends every request that is under way and lets no other
 * begin. `Upload` itself would send all other parts first, and knows no signal of its requests.
 */
function failingTogether(client: S3Client, signal: AbortSignal | undefined, removalMs: number): S3Client {
  const failed = new AbortController();
  const abortSignal = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  const send = async (command: Command): Promise<unknown> => {
    if (command instanceof AbortMultipartUploadCommand) return await removeParts(client, command, removalMs);
    try {
      return await client.send(command, { abortSignal });
    } catch (error) {
      failed.abort();
      throw error;
    }
  };
  return Object.create(client, { send: { value: send } }) as S3Client;
}

async function removeParts(
  client: S3Client,
  command: AbortMultipartUploadCommand,
  removalMs: number,
): Promise<unknown> {
  try {
    return await client.send(command, { abortSignal: AbortSignal.timeout(removalMs) });
  } catch {
    // Why the upload failed matters more; a lifecycle rule of the bucket removes what is left.
    return {};
  }
}
