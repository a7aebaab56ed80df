import { randomBytes } from "node:crypto";
import { recordCalls } from "@agenthandoff/test-servers";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { HeadObjectCommand, ListMultipartUploadsCommand, type S3Client } from "@aws-sdk/client-s3";
import { beforeAll, expect, it } from "vitest";
import { MULTIPART_FROM_BYTES, PART_BYTES } from "./limits.js";
import { putInParts } from "./multipart.js";
import { testBucket } from "./testing/bucket.js";
import { failing, faultServer, instantClock, succeeding } from "./testing/fault-server.js";

const key = "relay/blobs/task/large";

/** Calls `act` before a request of this kind is sent; what it throws is the request's answer. */
function before(client: S3Client, operation: string, act: (count: number) => void): void {
  let count = 0;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (call) => {
        if (commandName === `${operation}Command`) act(++count);
        return await next(call);
      },
    { step: "finalizeRequest", priority: "low", name: `before${operation}` },
  );
}

const s3Error = (name: string): Error =>
  Object.assign(new Error("in the words of S3"), { name, $metadata: { httpStatusCode: 409 } });

describeWithServers(["s3"], "an object from 16 MiB on", ({ s3 }) => {
  let bytes: Uint8Array;
  beforeAll(() => {
    bytes = randomBytes(MULTIPART_FROM_BYTES + 5);
  });

  const countOf = (calls: readonly { readonly operation: string }[]): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const { operation } of calls) counts[operation] = (counts[operation] ?? 0) + 1;
    return counts;
  };

  async function partsLeft({ client, bucket }: { client: S3Client; bucket: string }): Promise<number> {
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    return Uploads.length;
  }

  it("is written in parts, and read by one request", async () => {
    await using place = await testBucket(s3);
    const calls = recordCalls(place.client);
    const store = place.open({ client: place.client, probeKey: false });
    expect(await store.putIfAbsent(key, bytes, { mediaType: "image/png" })).toBe("created");
    expect(Buffer.compare((await store.get(key)) ?? Buffer.alloc(0), bytes)).toBe(0);
    expect(countOf(calls)).toEqual({
      CreateMultipartUpload: 1,
      UploadPart: Math.ceil(bytes.byteLength / PART_BYTES),
      CompleteMultipartUpload: 1,
      GetObject: 1,
    });
    const complete = calls.find(({ operation }) => operation === "CompleteMultipartUpload");
    expect(complete?.input).toMatchObject({ IfNoneMatch: "*" });
    // One checksum for the whole, which a reader can check, in place of one of the parts' checksums.
    expect(calls[0]?.input).toMatchObject({ ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" });
    const head = await place.client.send(new HeadObjectCommand({ Bucket: place.bucket, Key: key }));
    expect(head).toMatchObject({ ContentType: "image/png", ContentLength: bytes.byteLength });
    expect(head.ContentEncoding).toBeUndefined();
  });

  it("is not written where something is, and leaves no parts", async () => {
    await using place = await testBucket(s3);
    const store = place.open();
    await store.putIfAbsent(key, Buffer.from("first"));
    expect(await store.putIfAbsent(key, bytes)).toBe("exists");
    expect(await store.get(key)).toEqual(new Uint8Array(Buffer.from("first")));
    expect(await partsLeft(place)).toBe(0);
  });

  it("has one winner among several writers", async () => {
    await using place = await testBucket(s3);
    const writers = [0, 1, 2].map((index) => Buffer.alloc(MULTIPART_FROM_BYTES, index));
    const answers = await Promise.all(writers.map((each) => place.open().putIfAbsent(key, each)));
    expect([...answers].sort()).toEqual(["created", "exists", "exists"]);
    const winner = writers[answers.indexOf("created")] ?? Buffer.alloc(0);
    expect(Buffer.compare((await place.open().get(key)) ?? Buffer.alloc(0), winner)).toBe(0);
    expect(await partsLeft(place)).toBe(0);
  });

  it("replaces what was there", async () => {
    await using place = await testBucket(s3, { versioning: "Enabled" });
    const store = place.open();
    await store.putIfAbsent(key, Buffer.from("first"));
    await store.overwrite(key, bytes);
    expect(Buffer.compare((await store.get(key)) ?? Buffer.alloc(0), bytes)).toBe(0);
  });

  it("is sent anew when its completion meets another write", async () => {
    await using place = await testBucket(s3);
    before(place.client, "CompleteMultipartUpload", (count) => {
      if (count === 1) throw s3Error("ConditionalRequestConflict");
    });
    const calls = recordCalls(place.client);
    const store = place.open({ client: place.client, clock: instantClock(), probeKey: false });
    expect(await store.putIfAbsent(key, bytes)).toBe("created");
    expect(countOf(calls)).toMatchObject({ CreateMultipartUpload: 2, AbortMultipartUpload: 1 });
    expect(await partsLeft(place)).toBe(0);
  });

  it("leaves no parts when one of them fails, and rejects with why", async () => {
    await using place = await testBucket(s3);
    before(place.client, "UploadPart", (count) => {
      if (count === 2) throw s3Error("AccessDenied");
    });
    const store = place.open({ client: place.client, probeKey: false });
    await expect(store.putIfAbsent(key, bytes)).rejects.toMatchObject({
      code: "STORE",
      cause: { reason: "permission" },
    });
    expect(await partsLeft(place)).toBe(0);
    expect(await store.get(key)).toBeUndefined();
  });

  it("rejects with why it failed also when its parts cannot be removed", async () => {
    await using place = await testBucket(s3);
    before(place.client, "UploadPart", () => {
      throw s3Error("AccessDenied");
    });
    before(place.client, "AbortMultipartUpload", () => {
      throw s3Error("InternalError");
    });
    const store = place.open({ client: place.client, probeKey: false });
    await expect(store.putIfAbsent(key, bytes)).rejects.toMatchObject({ cause: { reason: "permission" } });
  });

  it("leaves no parts when it is aborted, and rejects with the signal's reason", async () => {
    await using place = await testBucket(s3);
    const controller = new AbortController();
    before(place.client, "UploadPart", (count) => {
      if (count === 2) controller.abort("enough");
    });
    const store = place.open({ client: place.client, probeKey: false });
    await expect(store.putIfAbsent(key, bytes, { signal: controller.signal })).rejects.toBe("enough");
    expect(await partsLeft(place)).toBe(0);
    expect(await store.get(key)).toBeUndefined();
  });
});

const created = succeeding(
  "<InitiateMultipartUploadResult><UploadId>upload</UploadId></InitiateMultipartUploadResult>",
);

it("a part that fails ends those under way, and no other begins", async () => {
  let parts = 0;
  await using server = await faultServer((response, request) => {
    if (request.query.has("uploads")) created(response, request);
    else if (request.method === "DELETE") succeeding()(response, request);
    else if (++parts === 4) failing(403, "AccessDenied")(response, request);
    // The others wait for an answer that does not come.
  });
  const input = { Bucket: "faults", Key: key, Body: Buffer.alloc(6 * PART_BYTES) };
  await expect(putInParts(server.connect(), input, undefined)).rejects.toMatchObject({ name: "AccessDenied" });
  expect(parts).toBe(4);
  expect(server.requests.at(-1)).toMatchObject({ method: "DELETE", key });
});

it("nobody waits for parts to be removed longer than that may take", async () => {
  await using server = await faultServer((response, request) => {
    if (request.query.has("uploads")) created(response, request);
    else if (request.method !== "DELETE") failing(403, "AccessDenied")(response, request);
  });
  const input = { Bucket: "faults", Key: key, Body: Buffer.alloc(PART_BYTES + 1) };
  await expect(putInParts(server.connect(), input, undefined, 20)).rejects.toMatchObject({ name: "AccessDenied" });
});
