import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  type Answer,
  breakingOff,
  failing,
  faultServer,
  silent,
  stalling,
  succeeding,
} from "./testing/fault-server.js";

const key = "relay/slots/task/0000000001.ndjson.gz";
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function checksum(value: string): { "x-amz-checksum-crc32": string } {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(value));
  return { "x-amz-checksum-crc32": bytes.toString("base64") };
}

describe("get yields", () => {
  it("the bytes, by one request that asks for their checksum", async () => {
    await using server = await faultServer(succeeding("a segment", checksum("a segment")));
    expect(await server.open().get(key)).toEqual(text("a segment"));
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({ method: "GET", key, headers: { "x-amz-checksum-mode": "ENABLED" } });
  });

  it("the bytes, checked, also by a client that is set up to check nothing", async () => {
    await using server = await faultServer(succeeding("a segment", checksum("a segment")));
    const client = server.connect({ responseChecksumValidation: "WHEN_REQUIRED" });
    await server.open({ client }).get(key);
    expect(server.requests[0]?.headers["x-amz-checksum-mode"]).toBe("ENABLED");
  });

  it("undefined where S3 says that there is no such key", async () => {
    await using server = await faultServer(failing(404, "NoSuchKey"));
    expect(await server.open().get(key)).toBeUndefined();
    expect(await server.open().get(key, { range: { start: 0, end: 1 } })).toBeUndefined();
  });

  it.each([
    ["cut off", breakingOff("a seg", 9)],
    ["altered on the way", succeeding("a segmanT", checksum("a segment"))],
  ])("the whole object when a response that was %s comes again", async (_, broken) => {
    await using server = await faultServer(broken, succeeding("a segment", checksum("a segment")));
    expect(await server.open().get(key)).toEqual(text("a segment"));
    expect(server.requests).toHaveLength(2);
  });

  it("an empty array for a range past the end, which S3 refuses", async () => {
    await using server = await faultServer(failing(416, "InvalidRange"));
    expect(await server.open().get(key, { range: { start: 10, end: 20 } })).toEqual(new Uint8Array(0));
    expect(server.requests[0]?.headers.range).toBe("bytes=10-19");
  });

  it("a range also of a server that answers with the whole object", async () => {
    await using server = await faultServer(succeeding("0123456789"));
    expect(await server.open().get(key, { range: { start: 3, end: 5 } })).toEqual(text("34"));
  });
});

describe("get rejects, and never takes it for a missing object,", () => {
  const refusals: readonly (readonly [title: string, answer: Answer, retryable: boolean])[] = [
    ["a proxy's 404", (response) => response.writeHead(404).end("<html>Not Found</html>"), true],
    ["a bucket that is missing", failing(404, "NoSuchBucket"), false],
    ["a refusal", failing(403, "AccessDenied"), true],
    ["expired credentials", failing(400, "ExpiredToken"), true],
    ["an archived object", failing(403, "InvalidObjectState"), false],
    ["throttling", failing(503, "SlowDown"), true],
    ["an outage", failing(500, "InternalError"), true],
    ["a response without an end", succeeding("", { "transfer-encoding": "chunked" }), true],
  ];

  it.each(refusals)("%s", async (_, answer, retryable) => {
    await using server = await faultServer(answer);
    await expect(server.open().get(key)).rejects.toMatchObject({ code: "STORE", retryable });
  });

  it.each([
    ["cut off", breakingOff("a seg", 9)],
    ["altered on the way", succeeding("a segmanT", checksum("a segment"))],
  ])("a response that was %s, after three tries", async (_, broken) => {
    await using server = await faultServer(broken);
    await expect(server.open().get(key)).rejects.toMatchObject({
      code: "STORE",
      retryable: true,
      cause: { name: "BrokenResponse" },
    });
    expect(server.requests).toHaveLength(3);
  });

  it("an object over the limit, of which it reads nothing", async () => {
    await using server = await faultServer(stalling("much", 1_000_000));
    await expect(server.open({ maxObjectBytes: 999_999 }).get(key)).rejects.toMatchObject({
      code: "STORE",
      retryable: false,
      cause: { code: "CONTEXT_TOO_LARGE" },
    });
  });
});

describe("get ends", () => {
  it.each([
    ["before the response begins", silent],
    ["in the middle of the response", stalling("a seg", 9)],
  ])("with the signal's reason when it is aborted %s", async (_, answer) => {
    await using server = await faultServer(answer);
    const controller = new AbortController();
    const getting = server.open().get(key, { signal: controller.signal });
    await server.received(1);
    controller.abort("enough");
    await expect(getting).rejects.toBe("enough");
  });
});

describe("list", () => {
  const page = (keys: readonly string[], next?: string) =>
    succeeding(
      [
        `<ListBucketResult><IsTruncated>${next !== undefined}</IsTruncated>`,
        ...keys.map((each) => `<Contents><Key>${each}</Key></Contents>`),
        next ? `<NextContinuationToken>${next}</NextContinuationToken>` : "",
        "</ListBucketResult>",
      ].join(""),
    );

  async function collect(keys: AsyncIterable<string>): Promise<string[]> {
    const collected: string[] = [];
    for await (const each of keys) collected.push(each);
    return collected;
  }

  it("goes on page by page, also past one that has no keys", async () => {
    await using server = await faultServer(page(["a/1", "a/2"], "t1"), page([], "t2"), page(["a/3"]));
    expect(await collect(server.open().list("a/", { after: "a/0" }))).toEqual(["a/1", "a/2", "a/3"]);
    expect(server.requests[0]?.query.get("prefix")).toBe("a/");
    expect(server.requests[0]?.query.get("start-after")).toBe("a/0");
    expect(server.requests.map(({ query }) => query.get("continuation-token"))).toEqual([null, "t1", "t2"]);
  });

  it.each([
    ["fails", failing(503, "SlowDown")],
    ["does not say how to go on", page(["a/2"], "")],
  ])("rejects when a later page %s: a part is never taken for the whole", async (_, later) => {
    await using server = await faultServer(page(["a/1"], "t1"), later);
    await expect(collect(server.open().list("a/"))).rejects.toMatchObject({ code: "STORE", retryable: true });
  });
});

describe("overwrite and delete", () => {
  const overwriting = (server: Awaited<ReturnType<typeof faultServer>>) => server.open().overwrite(key, text("new"));
  const deleting = (server: Awaited<ReturnType<typeof faultServer>>) => server.open().delete(key);

  it.each([
    ["overwrite", overwriting],
    ["delete", deleting],
  ])("%s rejects where old versions cannot be found, since they would stay", async (_, act) => {
    await using server = await faultServer(succeeding(), failing(403, "AccessDenied"));
    await expect(act(server)).rejects.toMatchObject({ code: "STORE", cause: { reason: "permission" } });
  });

  it.each([
    ["overwrite", overwriting],
    ["delete", deleting],
  ])("%s takes a server that knows no versions for one that keeps none", async (_, act) => {
    await using server = await faultServer(succeeding(), failing(501, "NotImplemented"));
    await act(server);
    expect(server.requests).toHaveLength(2);
  });

  const versions = (ids: readonly string[], next?: string) =>
    succeeding(
      [
        `<ListVersionsResult><IsTruncated>${next !== undefined}</IsTruncated>`,
        ...ids.map(
          (id) =>
            `<Version><Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>${id === "new"}</IsLatest></Version>`,
        ),
        next ? `<NextKeyMarker>${next}</NextKeyMarker><NextVersionIdMarker>marker</NextVersionIdMarker>` : "",
        "</ListVersionsResult>",
      ].join(""),
    );

  it("overwrite removes every old version, page by page", async () => {
    const pages = [versions(["new", "3"], key), versions(["2", "1"], `${key}/more`)];
    await using server = await faultServer(succeeding(), ...pages, succeeding());
    await server.open().overwrite(key, text("new"));
    const [, first, second, ...removals] = server.requests;
    expect(first?.query.get("key-marker")).toBeNull();
    expect([second?.query.get("key-marker"), second?.query.get("version-id-marker")]).toEqual([key, "marker"]);
    expect(removals.map(({ method, query }) => [method, query.get("versionId")])).toEqual([
      ["DELETE", "3"],
      ["DELETE", "2"],
      ["DELETE", "1"],
    ]);
  });

  it("overwrite rejects where a page of versions does not say how to go on: some would stay", async () => {
    await using server = await faultServer(succeeding(), versions(["new"], ""));
    await expect(server.open().overwrite(key, text("new"))).rejects.toMatchObject({ code: "STORE", retryable: true });
  });
});
