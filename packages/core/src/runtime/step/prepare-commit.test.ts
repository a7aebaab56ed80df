import { describe, expect, it } from "vitest";
import type { Usage } from "../../protocol/index.js";
import type { TurnResult } from "../agent/turn.js";
import { readToHead } from "../chain/head.js";
import { type BedOptions, createBed } from "../testing/bed.js";
import { finishes, scriptedAgent } from "../testing/scripted-agent.js";

type Script = Parameters<typeof scriptedAgent>[1];

async function outcomeOf(
  script: Script,
  options: Partial<BedOptions> = {},
  handsTo: readonly string[] = ["code", "qa"],
) {
  const qa = scriptedAgent("qa", script, { handsTo: handsTo.filter((name) => name !== "nobody") });
  const bed = createBed({ agents: [qa, finishes("code")], ...options });
  const task = await bed.relay.start({ to: "qa", taskId: "t", input: "x" });
  const outcome = await bed.deliver("qa");
  return { bed, qa, task, outcome, result: () => task.result() };
}

/** What a failed task kept of the output that it could not hand on. */
async function keptBytes({ bed }: Awaited<ReturnType<typeof outcomeOf>>): Promise<string> {
  const head = await bed.head("t");
  expect(head.blobs.length).toBeGreaterThan(0);
  expect(new Set(head.blobs.map((blob) => blob.of))).toEqual(new Set(["unsent"]));
  const bytes = await Promise.all(
    head.blobs.map((blob) => bed.backend.store.get(bed.environment.keys.blob("t", blob.sha256))),
  );
  return bytes.map((each) => Buffer.from(each ?? []).toString()).join("");
}

describe("what cannot follow fails the task with that reason, without entries, and keeps the output", () => {
  it.each([
    ["an agent that the relay does not have", "nobody", 'qa handed to "nobody", which is not an agent of this relay'],
    ["a target that is no name at all", "QA Team!", 'qa handed to "QA Team!", which is not an agent of this relay'],
    ["a target outside handsTo", "code", 'qa handed to "code", which its handsTo does not name'],
  ])("%s", async (_what, to, reason) => {
    const done = await outcomeOf((turn) => turn.handoff(to, { output: "hard-won" }), {}, []);
    expect(done.outcome).toEqual({ status: "committed", decision: "fail" });
    expect(await done.result()).toMatchObject({ status: "failed", reason, agent: "qa" });
    expect((await done.task.context()).entries.map(({ kind }) => kind)).toEqual(["input"]);
    expect(await keptBytes(done)).toContain("hard-won");
    expect(done.bed.queued("qa")).toBe(0);
  });

  it("a loop beyond maxHops", async () => {
    const done = await outcomeOf((turn) => turn.handoff("qa", { output: "hard-won" }), { maxHops: 2 });
    expect(await done.bed.deliver("qa")).toMatchObject({ decision: "fail" });
    expect(await done.result()).toMatchObject({ reason: "the task would go beyond 2 hops (maxHops)" });
    expect(await keptBytes(done)).toContain("hard-won");
  });

  it("a context beyond maxContextBytes, also one that ends the task", async () => {
    const done = await outcomeOf(() => "y".repeat(20_000), { maxContextBytes: 10_000 });
    expect(await done.result()).toMatchObject({ reason: expect.stringContaining("maxContextBytes") });
    expect(await keptBytes(done)).toContain("yyyy");
    expect((await readToHead(done.bed.environment, "t")).rawBytes).toBeLessThan(10_000);
  });

  it("an envelope too large for the queue, or an event too large for the audit", async () => {
    const small = await outcomeOf((turn) => turn.handoff("code", { output: "hard-won" }), {}, ["code"]);
    Object.assign(small.bed.backend.transport, { maxMessageBytes: 100 });
    await small.bed.relay.start({ to: "code", taskId: "u" }).then(
      () => expect.unreachable("a start that cannot be sent is refused"),
      (error: unknown) => expect(error).toMatchObject({ code: "CONTEXT_TOO_LARGE" }),
    );
    const done = await outcomeOf((turn) => turn.handoff("code", { output: "hard-won", reason: "long".repeat(400) }), {
      maxEventBytes: 1_000,
    });
    expect(done.outcome).toMatchObject({ decision: "fail" });
    expect(await done.result()).toMatchObject({ reason: expect.stringContaining("the audit event") });
    expect(await keptBytes(done)).toContain("hard-won");
  });

  it("keeps its binary data with it", async () => {
    const bytes = new Uint8Array(70_000).fill(65);
    const done = await outcomeOf((turn) => turn.handoff("nobody", { artifacts: [{ name: "a", data: bytes }] }), {}, []);
    expect(await keptBytes(done)).toContain("A".repeat(70_000));
    expect(await done.task.verify()).toMatchObject({ ok: true, blobs: 2 });
  });
});

describe("of a run that cannot be handed on", () => {
  const failed = async (usage: Usage | undefined, artifact = new Uint8Array(1)) =>
    await outcomeOf(
      (turn) =>
        turn.handoff("nobody", { artifacts: [{ name: "a", data: artifact }], ...(usage !== undefined && { usage }) }),
      {},
      [],
    );

  it("the cost is recorded, also where it was nothing", async () => {
    const usage = { inputTokens: 7, outputTokens: 0 };
    expect((await (await failed(usage)).bed.head("t")).usage).toEqual(usage);
    expect((await (await failed(undefined)).bed.head("t")).usage).toBeNull();
  });

  it.each([{ inputTokens: 7, outputTokens: -1 }, { inputTokens: 0.5 }, { inputTokens: Number.NaN }])(
    "a cost that counts nothing is left out, and the failure told all the same: %o",
    async (usage) => {
      const done = await failed(usage);
      expect(await done.result()).toMatchObject({ status: "failed" });
      expect((await done.bed.head("t")).usage).toBeNull();
    },
  );

  it("no more than 64 MiB are kept", async () => {
    const done = await failed(undefined, new Uint8Array(64 * 1024 * 1024));
    expect(await done.result()).toMatchObject({ status: "failed", reason: expect.stringContaining("nobody") });
    expect((await done.bed.head("t")).blobs).toEqual([]);
  });
});

describe("a run that ends by itself", () => {
  it("tells no credentials that stand in the error it failed with", async () => {
    const error = new Error("Authorization: Bearer abc.def-123456");
    const { bed } = await outcomeOf((turn) => turn.fail({ reason: "no", error }));
    expect((await bed.head("t")).decision).toMatchObject({ error: { message: "Authorization: [redacted]" } });
  });

  it("is recorded as what it decided, and no more", async () => {
    const decided = async (script: Script) => (await (await outcomeOf(script)).bed.head("t")).decision;
    expect(await decided((turn) => turn.handoff("code", { reason: "r" }))).toEqual({
      kind: "handoff",
      to: "code",
      reason: "r",
    });
    expect(await decided(() => 1)).toEqual({ kind: "complete" });
    expect(await decided((turn) => turn.fail({ reason: "no" }))).toEqual({ kind: "fail", reason: "no" });
    expect(await decided((turn) => turn.handoff("nobody"))).toEqual({
      kind: "fail",
      reason: 'qa handed to "nobody", which is not an agent of this relay',
    });
  });

  it("tells an error that it failed with, and waits for an answer", async () => {
    const failing = await outcomeOf((turn) => turn.fail({ reason: "no", error: new RangeError("far") }));
    expect((await failing.bed.head("t")).decision).toEqual({
      kind: "fail",
      reason: "no",
      error: { name: "RangeError", message: "far" },
    });
    const waiting = await outcomeOf((turn) => turn.wait({ question: 1 }));
    expect((await waiting.bed.head("t")).decision).toEqual({ kind: "wait", on: { kind: "answer", question: 1 } });
  });
});

describe("what cannot be kept fails the task and names the place", () => {
  const cyclicClass = new (class Unregistered {})();
  it.each<[string, (turn: Parameters<Script>[0]) => unknown, string]>([
    ["a function", () => ({ deep: [() => {}] }), "$.deep[0]"],
    ["an instance of a class", () => ({ here: cyclicClass }), "$.here"],
    ["a symbol", (turn) => turn.complete({ output: { s: Symbol("x") } }), "$.s"],
    [
      "a getter that throws",
      () =>
        Object.defineProperty({}, "x", {
          enumerable: true,
          get: () => {
            throw new Error("boom");
          },
        }),
      "x",
    ],
    ["a usage that counts nothing", (turn) => turn.complete({ usage: { inputTokens: -1 } }), "usage.input_tokens"],
    ["an entry of no kind", (turn) => turn.complete({ entries: [{ kind: "wish", value: 1 } as never] }), "kind"],
  ])("%s", async (_what, script, place) => {
    const done = await outcomeOf((turn) => script(turn));
    expect(done.outcome).toEqual({ status: "committed", decision: "fail" });
    expect(await done.result()).toMatchObject({
      status: "failed",
      reason: expect.stringMatching(/^what qa returned cannot be kept: /),
    });
    expect(JSON.stringify(await done.result())).toContain(place);
    expect(done.qa.turns).toHaveLength(1);
  });

  it("a value nested too deeply, or too large", async () => {
    let deep: unknown = 0;
    for (let level = 0; level < 200_000; level++) deep = [deep];
    const done = await outcomeOf(() => deep);
    expect(await done.result()).toMatchObject({ error: { code: "CONTEXT_TOO_DEEP" } });
    const wide = await outcomeOf(() => "z".repeat(65 * 1024 * 1024));
    expect(await wide.result()).toMatchObject({ error: { code: "CONTEXT_TOO_LARGE" } });
  });

  it("a redaction hook that throws, or returns something else than it may", async () => {
    const redacting = (redact: BedOptions["redact"]) =>
      outcomeOf(() => "secret", redact === undefined ? {} : { redact });
    const thrown = await redacting((entry) => {
      if (entry.kind === "output") throw new Error("hook");
      return entry;
    });
    expect(await thrown.result()).toMatchObject({ status: "failed", error: { message: "hook" } });
    const promised = await redacting((entry) => (entry.kind === "output" ? (Promise.resolve(entry) as never) : entry));
    expect(await promised.result()).toMatchObject({ status: "failed", error: { code: "INVALID_OPTIONS" } });
    expect(JSON.stringify([...thrown.bed.data.objects.keys()])).not.toContain("blobs");
  });
});

describe("a failure", () => {
  it("is exempt from every limit, the agent's own too: its reason and its entries are kept", async () => {
    const done = await outcomeOf((turn) => turn.fail({ reason: "the file is ragged", output: "w".repeat(5_000) }), {
      maxContextBytes: 2_000,
      maxHops: 1,
    });
    expect(await done.result()).toMatchObject({ status: "failed", reason: "the file is ragged" });
    expect((await done.task.context()).latest("qa")).toBe("w".repeat(5_000));
  });

  it("keeps an audit event within bounds, however long its reason and error are", async () => {
    const done = await outcomeOf((turn) => turn.fail({ reason: "r".repeat(1_000_000) }), { maxEventBytes: 16_384 });
    expect(done.outcome).toMatchObject({ decision: "fail" });
    expect(((await done.result()) as { reason: string }).reason).toHaveLength(1_000_000);
    expect(done.bed.kinds("t")).toContain("committed:1");
  });
});

describe("the ways to end a run", () => {
  it.each<[string, (turn: Parameters<Script>[0]) => TurnResult | unknown, object]>([
    ["a plain value completes with it", () => ({ a: 1 }), { status: "completed", output: { a: 1 } }],
    ["nothing completes with nothing", () => undefined, { status: "completed", output: undefined }],
    [
      "complete takes an output and a reason",
      (turn) => turn.complete({ output: 1, reason: "ok" }),
      { status: "completed", output: 1, reason: "ok" },
    ],
    [
      "fail parks the task",
      (turn) => turn.fail({ reason: "no" }),
      { status: "failed", reason: "no", error: undefined },
    ],
    [
      "wait parks it with a question",
      (turn) => turn.wait({ question: new Map([["q", 1n]]), reason: "ask" }),
      { status: "waiting", question: new Map([["q", 1n]]), reason: "ask" },
    ],
    ["wait needs no question", (turn) => turn.wait(), { status: "waiting", question: undefined }],
  ])("%s", async (_what, script, result) => {
    const done = await outcomeOf((turn) => script(turn));
    expect(await done.result()).toMatchObject({ ...result, taskId: "t", hop: 1 });
  });
});
