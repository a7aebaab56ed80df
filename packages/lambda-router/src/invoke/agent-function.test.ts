import { type Agent, createRelay, declareAgent, defineAgent, type Turn } from "@agenthandoff/core";
import { fakeClock, memory, memoryData } from "@agenthandoff/core/memory";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import { describe, expect, it } from "vitest";
import { agentFunction, invokedAgent, type WireAnswer, type WireRequest } from "../index.js";

const ARN = "arn:aws:lambda:eu-central-1:123456789012:function:qa";
const FUNCTION_MS = 60_000;
const MARGIN_MS = 5_000;

/** Two processes on the same data: a relay whose agent qa is a function, and that function. */
function place(
  run: (turn: Turn) => unknown,
  changes: { readonly id?: string; readonly agents?: readonly Agent[] } = {},
) {
  const clock = fakeClock();
  const data = memoryData();
  const turns: Turn[] = [];
  const qa = defineAgent({
    name: "qa",
    run(turn) {
      turns.push(turn as Turn);
      return run(turn as Turn);
    },
  });
  const id = changes.id ?? "relay";
  const far = createRelay({
    id,
    agents: changes.agents ?? [qa, declareAgent({ name: "other" })],
    backend: memory({ clock, data }),
  });
  const handler = agentFunction(far, { agent: "qa" });
  const context = () => {
    const end = clock.now() + FUNCTION_MS;
    return { getRemainingTimeInMillis: () => end - clock.now() };
  };
  const answers: WireAnswer[] = [];
  const requests: WireRequest[] = [];
  const client = {
    async send({ input }: { input: { Payload: Uint8Array } }) {
      const request = JSON.parse(Buffer.from(input.Payload).toString()) as WireRequest;
      requests.push(request);
      const answer = await handler(request, context());
      answers.push(answer);
      return { Payload: Buffer.from(JSON.stringify(answer)) };
    },
  } as unknown as LambdaClient;
  const backend = memory({ clock, data });
  const near = createRelay({ id: "relay", agents: [invokedAgent({ name: "qa", functionArn: ARN, client })], backend });
  return {
    near,
    clock,
    turns,
    answers,
    requests,
    handler,
    context,
    /** Starts a task and handles its first delivery. */
    async once(input: unknown = null) {
      const task = await near.start({ to: "qa", taskId: "t", input });
      const [delivery] = await backend.transport.receive(
        { relayId: "relay", agent: "qa" },
        { max: 1, waitMs: 0, visibilityMs: 60_000 },
      );
      if (delivery === undefined) throw new Error("nothing came");
      const outcome = await clock.until(near.handle(delivery, { agent: "qa" }));
      return { task, outcome };
    },
  };
}

describe("an agent's function", () => {
  it("runs its agent with the whole context, and what it returns is committed by the caller, value for value", async () => {
    const { once, turns } = place(({ context, complete }) =>
      complete({ output: { seen: context.input, at: new Date(7), big: 2n ** 70n }, usage: { modelCalls: 2 } }),
    );
    const { task, outcome } = await once({ file: "orders.csv", rows: new Set([1]) });
    expect(outcome).toEqual({ status: "committed", decision: "complete" });
    expect(await task.result()).toMatchObject({
      output: { seen: { file: "orders.csv", rows: new Set([1]) }, at: new Date(7), big: 2n ** 70n },
    });
    expect(turns[0]?.attempt).toEqual({ id: expect.stringMatching(/\.1$/), number: 1 });
  });

  it("gives its agent the same idempotency keys as a worker would", async () => {
    const { once, near } = place(({ idempotencyKey }) => idempotencyKey("pay", { cents: 5 }));
    const { task } = await once();
    const local = createRelay({
      id: near.id,
      agents: [defineAgent({ name: "qa", run: ({ idempotencyKey }) => idempotencyKey("pay", { cents: 5 }) })],
      backend: memory(),
    });
    const same = await local.run({ to: "qa", taskId: "t", input: null });
    expect(await task.result()).toMatchObject({ output: (same as { output: unknown }).output });
  });

  it("puts a result into the store that is too large for an answer", async () => {
    const { once, answers } = place(() => "x".repeat(7_000_000));
    const { task } = await once();
    expect(answers).toEqual([
      { stored: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: expect.any(Number) } },
    ]);
    expect(await task.result()).toMatchObject({ output: "x".repeat(7_000_000) });
  });

  it("answers with what its agent threw, so that the caller does with it as a worker would", async () => {
    const { once, answers } = place(() => {
      throw Object.assign(new TypeError("no rows"), { retryAfterMs: 9_000 });
    });
    expect((await once()).outcome).toMatchObject({ status: "released" });
    expect(answers).toEqual([{ error: { name: "TypeError", message: "no rows", retry_after_ms: 9_000 } }]);
  });

  it("fails the task at once for what cannot be kept", async () => {
    const { once, answers } = place(() => ({ callback: () => {} }));
    expect((await once()).outcome).toEqual({ status: "committed", decision: "fail" });
    expect(answers).toMatchObject([{ error: { code: "NOT_SERIALIZABLE" } }]);
  });

  it("tells its agent to stop before its own time is over, and answers though the agent never ends", async () => {
    const { once, answers, turns, clock } = place(() => new Promise(() => {}));
    const begin = clock.now();
    await once();
    expect(clock.now() - begin).toBe(FUNCTION_MS - MARGIN_MS);
    expect(turns[0]?.signal.aborted).toBe(true);
    expect(answers).toMatchObject([{ error: { message: expect.stringContaining("did not end within 55000 ms") } }]);
  });

  it("stops when its caller would, where that comes first", async () => {
    const { handler, context, clock, once, requests } = place(() => new Promise(() => {}));
    await once();
    const begin = clock.now();
    const request = { ...requests[0], deadline: new Date(begin + 2_000).toISOString() };
    await clock.until(handler(request, context()));
    expect(clock.now() - begin).toBe(2_000);
  });
});

describe("what an agent's function refuses costs no attempt", () => {
  it.each<[string, Parameters<typeof place>[1], string]>([
    ["another relay's request", { id: "another" }, "it runs qa of the relay another, not qa of relay"],
  ])("%s", async (_what, changes, words) => {
    const { once, turns } = place(() => "done", changes);
    expect((await once()).outcome).toMatchObject({ status: "released", reason: expect.stringContaining(words) });
    expect(turns).toEqual([]);
  });

  it.each<[string, Partial<WireRequest>, string]>([
    ["another agent", { agent: "other" }, "INVALID_OPTIONS"],
    ["another handoff than the store holds", { handoff_sha256: "0".repeat(64) }, "CONTEXT_INTEGRITY"],
    ["a key elsewhere", { context_s3_key: "elsewhere/slots/t/0000000000.ndjson.gz" }, "CONTEXT_INTEGRITY"],
    [
      "a task that it does not find",
      { task_id: "u", context_s3_key: "relay/slots/u/0000000000.ndjson.gz" },
      "TASK_NOT_FOUND",
    ],
    ["an id that is none", { task_id: "../t" }, "INVALID_ID"],
  ])("a request that names %s", async (_what, changes, code) => {
    const { once, handler, context, requests, turns, clock } = place(() => "done");
    await once();
    const answer = await clock.until(handler({ ...requests[0], ...changes }, context()));
    expect(answer).toEqual({ refused: expect.objectContaining({ code }) });
    expect(turns).toHaveLength(1);
  });
});

describe("agentFunction()", () => {
  it.each([
    ["nothing", undefined],
    ["an event of SQS", { Records: [] }],
    ["a version that it does not know", { v: 2 }],
  ])("throws where it is invoked with %s", async (_what, event) => {
    const { handler, context } = place(() => "done");
    await expect(handler(event, context())).rejects.toThrow("name its ARN as an invokedAgent's functionArn");
  });

  it("refuses an agent that its relay does not define", () => {
    const relay = createRelay({
      id: "r",
      agents: [defineAgent({ name: "qa", run: () => 1 }), declareAgent({ name: "code" })],
      backend: memory(),
    });
    for (const agent of ["code", "nobody"] as const)
      expect(() => agentFunction(relay as never, { agent } as never)).toThrow(
        "must be an agent that this relay defines: qa",
      );
  });
});
