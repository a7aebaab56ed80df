import { readFileSync } from "node:fs";
import { type RecordedCall, recordCalls } from "@agenthandoff/test-servers";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { expect, it } from "vitest";
import { MULTIPART_FROM_BYTES } from "./limits.js";
import { s3Store } from "./s3-store.js";
import { testBucket } from "./testing/bucket.js";
import { failing, faultServer, succeeding } from "./testing/fault-server.js";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

async function countKeys(keys: AsyncIterable<string>): Promise<number> {
  let count = 0;
  for await (const _ of keys) count++;
  return count;
}

/** The operations that something takes, in order. */
async function operationsOf(calls: readonly RecordedCall[], act: () => Promise<unknown>): Promise<string[]> {
  const before = calls.length;
  await act();
  return calls.slice(before).map(({ operation }) => operation);
}

it("a retry of the SDK's own counts as another request", async () => {
  await using server = await faultServer(failing(500, "InternalError"), succeeding());
  const client = server.connect({ maxAttempts: 2 });
  const calls = recordCalls(client);
  await s3Store({ bucket: "faults", client, probeKey: false }).putIfAbsent("key", text("bytes"));
  expect(calls).toHaveLength(server.requests.length);
  expect(calls.map(({ operation }) => operation)).toEqual(["PutObject", "PutObject"]);
});

describeWithServers(["s3"], "requests", ({ s3 }) => {
  it.each([
    ["without versions", undefined, []],
    ["with versions", "Enabled", ["DeleteObject"]],
  ] as const)("in a bucket %s are as few as can be", async (_, versioning, removal) => {
    await using place = await testBucket(s3, versioning === undefined ? {} : { versioning });
    const calls = recordCalls(place.client);
    const store = place.open({ client: place.client });
    const taken = async (act: () => Promise<unknown>) => await operationsOf(calls, act);

    expect(await taken(() => store.check())).toEqual(["PutObject", "PutObject"]);
    expect(await taken(() => store.putIfAbsent("a/1", text("one")))).toEqual(["PutObject"]);
    expect(await taken(() => store.putIfAbsent("a/1", text("two")))).toEqual(["PutObject"]);
    expect(await taken(() => store.get("a/1"))).toEqual(["GetObject"]);
    expect(await taken(() => store.get("a/2"))).toEqual(["GetObject"]);
    expect(await taken(() => store.get("a/1", { range: { start: 1, end: 2 } }))).toEqual(["GetObject"]);
    expect(await taken(() => store.get("a/1", { range: { start: 7, end: 9 } }))).toEqual(["GetObject"]);
    expect(await taken(() => countKeys(store.list("a/")))).toEqual(["ListObjectsV2"]);
    expect(await taken(() => store.overwrite("a/1", text("three")))).toEqual([
      "PutObject",
      "ListObjectVersions",
      ...removal,
    ]);
    expect(await taken(() => store.delete("a/1"))).toEqual([
      "DeleteObject",
      "ListObjectVersions",
      // The version, then the marker.
      ...removal,
      ...removal,
    ]);
  });

  it("of a second process are one for the probe that is there already", async () => {
    await using place = await testBucket(s3);
    await place.open().check();
    const calls = recordCalls(place.client);
    const store = place.open({ client: place.client });
    expect(await operationsOf(calls, () => store.putIfAbsent("a", text("one")))).toEqual(["PutObject", "PutObject"]);
    expect(await operationsOf(calls, () => store.putIfAbsent("b", text("one")))).toEqual(["PutObject"]);
  });

  it("are those that the README names, each with the IAM action that it needs", async () => {
    await using place = await testBucket(s3, { versioning: "Enabled" });
    const calls = recordCalls(place.client);
    const store = place.open({ client: place.client });
    const large = new Uint8Array(MULTIPART_FROM_BYTES);
    await store.putIfAbsent("large", large);
    await store.putIfAbsent("large", large);
    await store.get("large");
    await countKeys(store.list(""));
    await store.overwrite("large", text("small"));
    await store.delete("large");

    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const rows = [...readme.matchAll(/^\| `(\w+)` +\| `s3:(\w+)`/gm)];
    expect(rows.map(([, operation]) => operation).sort()).toEqual(
      [...new Set(calls.map(({ operation }) => operation))].sort(),
    );
  });
});
