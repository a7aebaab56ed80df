import { describe, expect, it } from "vitest";
import { IdempotencyConflictError } from "../../errors/index.js";
import { artifact } from "../agent/entries.js";
import { createBed } from "../testing/bed.js";
import { finishes } from "../testing/scripted-agent.js";

const setting = (options: Partial<Parameters<typeof createBed>[0]> = {}) => {
  const qa = finishes("qa");
  return { qa, bed: createBed({ agents: [qa, finishes("other")], ...options }) };
};

describe("a start", () => {
  it("appends its intent, then slot, audit, send, then removes the intent", async () => {
    const { bed } = setting();
    await bed.relay.start({ to: "qa", taskId: "t" });
    expect(bed.trace).toEqual(["intend start", "put slot:0", "append committed:0", "send qa:0.0", "settle"]);
    expect(await bed.intents()).toEqual([]);
  });

  it("that returned has filled slot 0, and its task has a row", async () => {
    const { bed } = setting();
    const task = await bed.relay.start({ to: "qa", input: { a: 1 } });
    expect(task.id).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/);
    expect(await bed.row(task.id)).toMatchObject({ status: "running", headHop: 0, agent: "qa" });
    expect(await bed.head(task.id)).toMatchObject({ hop: 0, fromAgent: null, previous: null, step: 0 });
  });

  it("gives the first agent input, artifacts, metadata and reason", async () => {
    const { bed, qa } = setting();
    const bytes = new Uint8Array(100_000).fill(7);
    await bed.relay.start({
      to: "qa",
      taskId: "t",
      input: new Map([["when", new Date(0)]]),
      artifacts: [{ name: "data.bin", data: bytes }, artifact("notes.md", "# ü", { mediaType: "text/markdown" })],
      metadata: { owner: 5n },
      reason: "please",
    });
    await bed.deliver("qa");
    const context = qa.turns[0]?.context;
    expect(context?.input).toEqual(new Map([["when", new Date(0)]]));
    expect(context?.metadata).toEqual({ owner: 5n });
    expect(context?.reason).toBe("please");
    expect(await context?.artifact("data.bin")?.bytes()).toEqual(bytes);
    expect(await context?.artifact("notes.md")?.text()).toBe("# ü");
    expect(context?.artifacts().map(({ mediaType }) => mediaType)).toEqual([
      "application/octet-stream",
      "text/markdown",
    ]);
  });
});

describe("a start that is repeated", () => {
  const request = () => ({
    to: "qa",
    taskId: "t",
    input: { map: new Map([[{ k: 1 }, new Date(5)]]), bytes: new Uint8Array(70_000).fill(3), b: 1, a: 2 },
    artifacts: [{ name: "x", data: "text" }],
    metadata: { z: 1 },
    deadlineMs: 1_000_000,
  });

  it("with the same id and input changes nothing, in whatever order its names stand and from whatever process", async () => {
    const { bed, qa } = setting();
    await bed.relay.start(request());
    const again = request();
    await bed.another().relay.start({ ...again, input: Object.fromEntries(Object.entries(again.input).toReversed()) });
    expect(bed.queued("qa")).toBe(1);
    expect(bed.kinds("t")).toEqual(["committed:0"]);
    await bed.deliver("qa");
    await bed.relay.start(request());
    expect(bed.queued("qa")).toBe(0);
    expect(qa.turns).toHaveLength(1);
    expect(await bed.intents()).toEqual([]);
  });

  it.each([
    ["another input", { input: { map: new Map() } }],
    ["another agent", { to: "other" }],
    ["another option", { deadlineMs: 2_000_000 }],
    ["other metadata", { metadata: { z: 2 } }],
    ["another artifact", { artifacts: [{ name: "x", data: "texT" }] }],
  ])("with %s is an IdempotencyConflictError, and leaves no intent", async (_what, change) => {
    const { bed } = setting();
    await bed.relay.start(request());
    await expect(bed.another().relay.start({ ...request(), ...change })).rejects.toBeInstanceOf(
      IdempotencyConflictError,
    );
    expect(await bed.intents()).toEqual([]);
    expect(await bed.decisions("t")).toEqual(["handoff"]);
  });

  it("at the same moment by two processes starts one task, and both learn of it", async () => {
    const { bed, qa } = setting();
    const other = bed.another();
    await Promise.all([bed.relay.start(request()), other.relay.start(request())]);
    expect(bed.queued("qa")).toBe(1);
    expect(bed.kinds("t")).toEqual(["committed:0"]);
    expect(await bed.deliver("qa")).toMatchObject({ status: "committed" });
    expect(qa.turns).toHaveLength(1);
    const [won, lost] = await Promise.allSettled([
      bed.relay.start({ ...request(), taskId: "u" }),
      other.relay.start({ ...request(), taskId: "u", input: 1 }),
    ]);
    expect([won.status, lost.status]).toEqual(["fulfilled", "rejected"]);
  });

  it("finishes what the first call left undone, wherever it failed", async () => {
    for (const call of ["put slot:0", "append committed:0", "send qa:0.0", "settle"]) {
      const { bed, qa } = setting();
      bed.fail(call, "before", 100);
      const first = await bed.settled(Promise.allSettled([bed.relay.start(request())]));
      // The intent that cannot be removed is the reconciler's; the start has succeeded.
      expect(first[0].status, call).toBe(call === "settle" ? "fulfilled" : "rejected");
      expect(await bed.intents(), call).toHaveLength(1);
      bed.heal();
      await bed.another().relay.start(request());
      expect(await bed.deliver("qa"), call).toMatchObject({ status: "committed" });
      expect(bed.queued("qa")).toBe(0);
      expect(qa.turns).toHaveLength(1);
    }
  });
});

describe("a start that cannot be", () => {
  it.each<[string, object, string]>([
    ["names an agent that the relay lacks", { to: "nobody" }, "UNKNOWN_AGENT"],
    ["has an id that escapes its folder", { taskId: "../other" }, "INVALID_ID"],
    ["has an encoded path for an id", { taskId: "%2e%2e%2f" }, "INVALID_ID"],
    ["has an id with a line feed", { taskId: "t\n" }, "INVALID_ID"],
    ["has an id beyond ASCII", { taskId: "caf\u00e9" }, "INVALID_ID"],
    ["has an id with a bidi mark", { taskId: "a\u202eb" }, "INVALID_ID"],
    ["has an id with a NUL", { taskId: "a\0" }, "INVALID_ID"],
    ["has an id that is too long", { taskId: "t".repeat(65) }, "INVALID_ID"],
    ["has an empty id", { taskId: "" }, "INVALID_ID"],
    ["has a derived id", { taskId: "t.0.1" }, "INVALID_ID"],
    ["has an input that cannot be kept", { input: () => {} }, "NOT_SERIALIZABLE"],
    [
      "has an input that contains itself",
      {
        input: (() => {
          const c: unknown[] = [];
          c.push(c);
          return c;
        })(),
      },
      "NOT_SERIALIZABLE",
    ],
    ["has a deadline that is none", { deadlineMs: -1 }, "NOT_SERIALIZABLE"],
    ["has an input beyond maxContextBytes", { input: "x".repeat(10_000) }, "CONTEXT_TOO_LARGE"],
  ])("%s: refused with a named error, and nothing is stored", async (_what, change, code) => {
    const { bed } = setting({ maxContextBytes: 5_000 });
    await expect(bed.relay.start({ to: "qa", taskId: "t", ...change })).rejects.toMatchObject({ code });
    expect(bed.trace).toEqual([]);
    expect(bed.data.objects.size).toBe(0);
  });
});

describe("a start into a store", () => {
  it("whose answer is lost, or never comes, is read back and finished", async () => {
    for (const kind of ["after", "hang", "deaf"] as const) {
      const { bed } = setting();
      bed.fail("put slot:0", kind);
      await bed.settled(bed.relay.start({ to: "qa", taskId: "t" }));
      expect(await bed.decisions("t")).toEqual(["handoff"]);
      expect(bed.queued("qa")).toBe(1);
      expect(await bed.intents()).toEqual([]);
    }
  });

  it("that stays silent is an ambiguous StoreError, and the intent survives it", async () => {
    const { bed } = setting();
    bed.fail("put slot:0", "after", 100);
    bed.fail("get slot:0", "before", 100);
    await expect(bed.settled(bed.relay.start({ to: "qa", taskId: "t" }), 1_000)).rejects.toMatchObject({
      code: "STORE",
    });
    expect(await bed.intents()).toMatchObject([{ taskId: "t", operation: "start" }]);
  });
});

describe("redaction", () => {
  it("runs before anything is hashed: two inputs that differ only in what it takes out are one start", async () => {
    const { bed } = setting({
      redact: (entry) =>
        entry.kind === "input" ? { ...entry, value: { ...(entry.value as object), password: "[redacted]" } } : entry,
    });
    await bed.relay.start({ to: "qa", taskId: "t", input: { file: "a.csv", password: "hunter2" } });
    await bed.relay.start({ to: "qa", taskId: "t", input: { file: "a.csv", password: "hunter3" } });
    expect((await bed.relay.task("t").context()).input).toEqual({ file: "a.csv", password: "[redacted]" });
    await expect(bed.relay.start({ to: "qa", taskId: "t", input: { file: "b.csv" } })).rejects.toMatchObject({
      code: "IDEMPOTENCY_CONFLICT",
    });
  });
});
