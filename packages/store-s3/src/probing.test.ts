import { describe, expect, it } from "vitest";
import { DEFAULT_PROBE_KEY } from "./limits.js";
import { type Answer, failing, faultServer, silent, succeeding } from "./testing/fault-server.js";

const bytes: Uint8Array = new TextEncoder().encode("a segment");
const probing = { probeKey: DEFAULT_PROBE_KEY };
const taken = failing(412, "PreconditionFailed");

/** A server that ignores the condition, and keeps what came last. */
const careless: Answer = succeeding();

describe("a bucket that does not keep conditional writes", () => {
  it("is refused by its name before anything is written to a slot", async () => {
    await using server = await faultServer(careless);
    const putting = server.open(probing).putIfAbsent("slot", bytes);
    await expect(putting).rejects.toMatchObject({
      code: "STORE",
      retryable: false,
      cause: { code: "BACKEND_UNUSABLE", reason: "no-conditional-writes" },
    });
    await expect(putting).rejects.toThrow(/the bucket faults at 127\.0\.0\.1 does not keep "If-None-Match: \*"/);
    expect(server.requests.map(({ key }) => key)).toEqual([DEFAULT_PROBE_KEY, DEFAULT_PROBE_KEY]);
  });

  it("is refused where it does not know the header", async () => {
    await using server = await faultServer(failing(501, "NotImplemented"));
    await expect(server.open(probing).check()).rejects.toMatchObject({ reason: "no-conditional-writes" });
  });

  it("is refused by check() with what to mend", async () => {
    await using server = await faultServer(careless);
    const checking = server.open(probing).check();
    await expect(checking).rejects.toMatchObject({ code: "BACKEND_UNUSABLE", reason: "no-conditional-writes" });
    await expect(checking).rejects.toThrow("use Amazon S3, or a server that answers 412");
  });
});

describe("a bucket that keeps them", () => {
  it("is asked once by a store, and once is enough where the probe is there already", async () => {
    await using server = await faultServer(taken, careless);
    const store = server.open(probing);
    await store.check();
    await Promise.all([store.check(), store.putIfAbsent("one", bytes), store.putIfAbsent("two", bytes)]);
    expect(server.requests.map(({ key }) => key).sort()).toEqual([DEFAULT_PROBE_KEY, "one", "two"]);
    expect(server.requests[0]?.headers["if-none-match"]).toBe("*");
  });

  it("is asked twice where nobody has asked before", async () => {
    await using server = await faultServer(succeeding(), taken);
    await server.open(probing).check();
    expect(server.requests).toHaveLength(2);
  });

  it("is asked under the key that the options name, or not at all", async () => {
    await using server = await faultServer(taken);
    await server.open({ probeKey: "mine/probe" }).check();
    await server.open({ probeKey: false }).check();
    expect(server.requests.map(({ key }) => key)).toEqual(["mine/probe"]);
  });
});

describe("a bucket that cannot tell now", () => {
  it("is asked again at the next write", async () => {
    await using server = await faultServer(failing(503, "SlowDown"), taken, succeeding());
    const store = server.open(probing);
    await expect(store.putIfAbsent("slot", bytes)).rejects.toMatchObject({ code: "STORE", retryable: true });
    expect(await store.putIfAbsent("slot", bytes)).toBe("created");
  });

  it("names the probe where it must not be written", async () => {
    await using server = await faultServer(failing(403, "AccessDenied"));
    await expect(server.open(probing).putIfAbsent("slot", bytes)).rejects.toThrow(
      `the store failed to put (${DEFAULT_PROBE_KEY}): AWS refused this action`,
    );
  });

  it("holds nobody who gives up", async () => {
    await using server = await faultServer(silent);
    const controller = new AbortController();
    const putting = server.open(probing).putIfAbsent("slot", bytes, { signal: controller.signal });
    await server.received(1);
    controller.abort("enough");
    await expect(putting).rejects.toBe("enough");
  });
});
