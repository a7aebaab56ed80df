import { crc32 } from "node:zlib";
import { ContextTooLargeError } from "@agenthandoff/core";
import { describe, expect, it } from "vitest";
import {
  failing,
  faultServer,
  hangingUp,
  instantClock,
  longestWaits,
  silent,
  succeeding,
} from "./testing/fault-server.js";

const key = "relay/slots/task/0000000001.ndjson.gz";
const bytes: Uint8Array = new TextEncoder().encode("a segment");
const conflict = failing(409, "ConditionalRequestConflict");
const taken = failing(412, "PreconditionFailed");

describe("putIfAbsent sends", () => {
  it("one request, with the condition, the media type and a checksum, and no content encoding", async () => {
    await using server = await faultServer(succeeding());
    expect(await server.open().putIfAbsent(key, bytes, { mediaType: "application/gzip" })).toBe("created");
    expect(server.requests).toHaveLength(1);
    const { method, key: path, body, headers } = server.requests[0] ?? {};
    expect({ method, path, body }).toEqual({ method: "PUT", path: key, body: Buffer.from(bytes) });
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc32(bytes));
    expect(headers).toMatchObject({
      "if-none-match": "*",
      "content-type": "application/gzip",
      "x-amz-checksum-crc32": checksum.toString("base64"),
    });
    expect(headers).not.toHaveProperty("content-encoding");
    expect(headers).not.toHaveProperty("x-amz-server-side-encryption");
  });

  it("a checksum also by a client that is set up to send none", async () => {
    await using server = await faultServer(succeeding());
    const client = server.connect({ requestChecksumCalculation: "WHEN_REQUIRED" });
    await server.open({ client }).putIfAbsent(key, bytes);
    expect(server.requests[0]?.headers).toHaveProperty("x-amz-checksum-crc32");
  });

  it("the expected owner and the encryption that the options name", async () => {
    await using server = await faultServer(succeeding());
    const kms = server.open({ expectedBucketOwner: "123456789012", encryption: { kmsKeyId: "alias/relays" } });
    await kms.putIfAbsent(key, bytes);
    await server.open({ encryption: "s3" }).putIfAbsent(key, bytes);
    expect(server.requests[0]?.headers).toMatchObject({
      "x-amz-expected-bucket-owner": "123456789012",
      "x-amz-server-side-encryption": "aws:kms",
      "x-amz-server-side-encryption-aws-kms-key-id": "alias/relays",
      "x-amz-server-side-encryption-bucket-key-enabled": "true",
    });
    expect(server.requests[1]?.headers).toMatchObject({ "x-amz-server-side-encryption": "AES256" });
  });
});

describe("putIfAbsent answers", () => {
  it("exists where S3 says that something is there, and asks no more", async () => {
    await using server = await faultServer(taken);
    expect(await server.open().putIfAbsent(key, bytes)).toBe("exists");
    expect(server.requests).toHaveLength(1);
  });

  it("exists when the SDK tries again and meets its own first try: core reads back", async () => {
    await using server = await faultServer(hangingUp, taken);
    expect(await server.open({ maxAttempts: 2 }).putIfAbsent(key, bytes)).toBe("exists");
  });

  it("created when a conflict with another write has passed", async () => {
    await using server = await faultServer(conflict, conflict, succeeding());
    const clock = instantClock();
    expect(await server.open({ clock, random: longestWaits }).putIfAbsent(key, bytes)).toBe("created");
    expect(clock.sleeps).toEqual([50, 100]);
    expect(server.requests.every(({ headers }) => headers["if-none-match"] === "*")).toBe(true);
  });

  it("exists when the other write has won the conflict", async () => {
    await using server = await faultServer(conflict, taken);
    expect(await server.open().putIfAbsent(key, bytes)).toBe("exists");
  });

  it.each(["BadDigest", "XAmzContentChecksumMismatch"])(
    "created when bytes that arrived damaged (%s) come again",
    async (code) => {
      await using server = await faultServer(failing(400, code), succeeding());
      expect(await server.open().putIfAbsent(key, bytes)).toBe("created");
    },
  );
});

describe("putIfAbsent rejects, and never answers", () => {
  it("when a conflict does not pass within eight tries", async () => {
    await using server = await faultServer(conflict);
    const putting = server.open().putIfAbsent(key, bytes);
    await expect(putting).rejects.toMatchObject({
      code: "STORE",
      retryable: true,
      cause: { name: "ConditionalRequestConflict" },
    });
    expect(server.requests).toHaveLength(8);
  });

  it.each([
    [503, "SlowDown"],
    [500, "InternalError"],
    [503, "ServiceUnavailable"],
  ])("when S3 fails or asks for patience (%i %s): a passing error, after the SDK's tries", async (status, code) => {
    await using server = await faultServer(failing(status, code));
    const putting = server.open({ maxAttempts: 2 }).putIfAbsent(key, bytes);
    await expect(putting).rejects.toMatchObject({ code: "STORE", retryable: true, cause: { name: code } });
    expect(server.requests).toHaveLength(2);
  });

  it.each([
    [400, "ExpiredToken", "credentials-expired", true],
    [403, "InvalidAccessKeyId", "credentials", false],
    [403, "AccessDenied", "permission", true],
    [404, "NoSuchBucket", "missing", false],
    [301, "PermanentRedirect", "wrong-region", false],
    [400, "EntityTooLarge", "object-too-large", false],
    [400, "KMS.DisabledException", "encryption-key", true],
  ])("when a person must act (%i %s), and says so", async (status, code, reason, retryable) => {
    await using server = await faultServer(failing(status, code));
    const putting = server.open().putIfAbsent(key, bytes);
    await expect(putting).rejects.toMatchObject({
      code: "STORE",
      retryable,
      cause: { code: "BACKEND_UNUSABLE", reason },
    });
    await expect(putting).rejects.toThrow(new RegExp(`${key}.*in the words of S3`));
  });

  it("when the bucket belongs to another account than the options expect", async () => {
    await using server = await faultServer((response, request) => {
      const expected = request.headers["x-amz-expected-bucket-owner"];
      (expected === "123456789012" ? failing(403, "AccessDenied") : succeeding())(response, request);
    });
    const putting = server.open({ expectedBucketOwner: "123456789012" }).putIfAbsent(key, bytes);
    await expect(putting).rejects.toMatchObject({ code: "STORE", cause: { reason: "permission" } });
  });

  it("when the connection ends without an answer", async () => {
    await using server = await faultServer(hangingUp);
    await expect(server.open().putIfAbsent(key, bytes)).rejects.toMatchObject({ code: "STORE", retryable: true });
  });

  it("when a proxy answers 412 in words of its own", async () => {
    await using server = await faultServer((response) => response.writeHead(412).end("<html>no</html>"));
    await expect(server.open().putIfAbsent(key, bytes)).rejects.toMatchObject({ code: "STORE" });
  });
});

describe.each(["putIfAbsent", "overwrite"] as const)("%s", (write) => {
  it("refuses an object over the limit before anything is sent", async () => {
    await using server = await faultServer(succeeding());
    const putting = server.open({ maxObjectBytes: 8 })[write](key, bytes);
    await expect(putting).rejects.toBeInstanceOf(ContextTooLargeError);
    await expect(putting).rejects.toThrow(/\(9 bytes\) is larger than 8 bytes; split it .* or raise .* maxObjectBytes/);
    expect(server.requests).toHaveLength(0);
  });

  it("ends with the signal's reason while S3 is silent", async () => {
    await using server = await faultServer(silent);
    const controller = new AbortController();
    const putting = server.open()[write](key, bytes, { signal: controller.signal });
    await server.received(1);
    controller.abort("enough");
    await expect(putting).rejects.toBe("enough");
  });
});

describe("a closed store", () => {
  it("refuses every call by name", async () => {
    await using server = await faultServer(succeeding());
    const store = server.open();
    await store.close();
    await store.close();
    const closed = { code: "STORE", retryable: false, cause: { reason: "closed" } };
    await expect(store.putIfAbsent(key, bytes)).rejects.toMatchObject(closed);
    await expect(store.get(key)).rejects.toMatchObject(closed);
    await expect(store.list("")[Symbol.asyncIterator]().next()).rejects.toMatchObject(closed);
    await expect(store.overwrite(key, bytes)).rejects.toMatchObject(closed);
    await expect(store.delete(key)).rejects.toMatchObject(closed);
    expect(server.requests).toHaveLength(0);
  });
});
