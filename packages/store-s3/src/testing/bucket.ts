import { randomUUID } from "node:crypto";
import type { ClientConfiguration } from "@agenthandoff/test-servers/vitest";
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";

/** A bucket of a test's own on a server that speaks S3's protocol. */
export interface TestBucket extends AsyncDisposable {
  readonly bucket: string;
  readonly client: S3Client;
  /** Another client on the same server, as another process would have it. */
  another(): S3Client;
}

export async function testBucket(
  server: ClientConfiguration,
  { versioning }: { readonly versioning?: "Enabled" } = {},
): Promise<TestBucket> {
  const clients: S3Client[] = [];
  const another = (): S3Client => {
    const client = new S3Client({ ...server, forcePathStyle: true });
    clients.push(client);
    return client;
  };
  const client = another();
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
    another,
    async [Symbol.asyncDispose]() {
      for (const each of clients) each.destroy();
    },
  };
}
