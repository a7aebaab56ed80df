import { randomUUID } from "node:crypto";
import type { ClientConfiguration } from "@agenthandoff/test-servers/vitest";
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import type { S3StoreOptions } from "../options.js";
import { type S3Store, s3Store } from "../s3-store.js";

/** A bucket of a test's own on a server that speaks S3's protocol. */
export interface TestBucket extends AsyncDisposable {
  readonly bucket: string;
  readonly client: S3Client;
  /** A store in the bucket, with a client of its own, as another process would have it. */
  open(options?: Partial<S3StoreOptions>): S3Store;
}

export async function testBucket(
  server: ClientConfiguration,
  { versioning }: { readonly versioning?: "Enabled" } = {},
): Promise<TestBucket> {
  const clients: S3Client[] = [];
  const connect = (): S3Client => {
    const client = new S3Client({ ...server, forcePathStyle: true });
    clients.push(client);
    return client;
  };
  const client = connect();
  const bucket = `store-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  if (versioning !== undefined) {
    await client.send(
      new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: versioning } }),
    );
  }
  return {
    bucket,
    client,
    open: (options = {}) => s3Store({ bucket, client: connect(), ...options }),
    async [Symbol.asyncDispose]() {
      for (const each of clients) each.destroy();
    },
  };
}
