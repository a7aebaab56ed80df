import { createRelay, declareAgent, defineAgent, type Turn } from "@agenthandoff/core";
import { memory } from "@agenthandoff/core/memory";
import type { SQSHandler } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { type LambdaRouterOptions, lambdaRouter } from "./index.js";
import { FUNCTION_MS, memoryFunction, VISIBILITY_MS } from "./testing/memory-function.js";

const GRACE_MS = 10_000;
const MARGIN_MS = 5_000;
/** Of another version: whoever understands it may come. */
const NEWER = JSON.stringify({ v: 2, task_id: "newer" });

function place(run: (turn: Turn) => unknown = () => "done", options: LambdaRouterOptions = {}) {
  const turns: Turn[] = [];
  const qa = defineAgent({
    name: "qa",
    run(turn) {
      turns.push(turn as Turn);
      return run(turn as Turn);
    },
  });
  const made = memoryFunction([qa, declareAgent({ name: "code" })]);
  const errors: unknown[] = [];
  const router = lambdaRouter(made.relay, { onError: (error) => errors.push(error), ...options });
  return { ...made, made, errors, turns, router, start: (taskId: string) => made.relay.start({ to: "qa", taskId }) };
}

const never = (): Promise<never> => new Promise(() => {});

describe("a message that was handled", () => {
  it("is left for Lambda to delete", async () => {
    const { start, event, invoke, router, calls } = place();
    const task = await start("t");
    expect(await invoke(router, await event("qa"))).toEqual({ batchItemFailures: [] });
    expect(await task.result()).toMatchObject({ status: "completed", output: "done" });
    expect(calls.map(({ call }) => call)).toEqual(["extend"]);
    expect((await event("qa")).Records).toEqual([]);
  });

  it("is hidden first of all, for the rest of the invocation and a margin, and never shorter or longer", async () => {
    const { start, event, invoke, router, calls, clock, turns } = place(() => clock.sleep(FUNCTION_MS - 20_000));
    await start("t");
    await invoke(router, await event("qa"));
    expect(turns).toHaveLength(1);
    expect(FUNCTION_MS - 20_000).toBeGreaterThan(VISIBILITY_MS);
    expect(calls).toEqual([{ call: "extend", groupId: "t", argument: FUNCTION_MS + MARGIN_MS }]);
  });

  it("comes again soon after its function died", async () => {
    const { made, start, event, router, clock, context, turns } = place(never);
    await start("t");
    // Whoever is dead gives nothing back.
    made.failing = "release";
    void router(await event("qa"), context(30_000));
    await clock.advance(30_000 + MARGIN_MS - 1);
    expect((await event("qa")).Records).toEqual([]);
    await clock.advance(1);
    expect((await event("qa")).Records).toHaveLength(1);
    expect(turns).toHaveLength(1);
  });

  it("is rejected into the dead-letter queue, with the reason, where nobody could use it", async () => {
    const { send, event, invoke, router, deadLetters, errors } = place();
    await send("qa", { groupId: "t", body: "not an envelope" });
    expect(await invoke(router, await event("qa"))).toEqual({ batchItemFailures: [] });
    expect(await deadLetters("qa")).toEqual(["the message is not JSON"]);
    expect(errors).toEqual([]);
  });
});

describe("a message that was given back", () => {
  it("is reported alone, and hidden for as long as its release says", async () => {
    const { start, event, invoke, router, calls, errors } = place(() => {
      throw Object.assign(new Error("later"), { retryAfterMs: 7_000 });
    });
    await start("t");
    const received = await event("qa");
    const [record] = received.Records;
    expect(await invoke(router, received)).toEqual({ batchItemFailures: [{ itemIdentifier: record?.messageId }] });
    expect(calls.at(-1)).toEqual({ call: "release", groupId: "t", argument: 7_000 });
    expect(errors).toEqual([]);
  });

  it("keeps the later messages of its group, and no others, from being touched", async () => {
    const { send, event, invoke, router, calls, deadLetters } = place();
    await send("qa", { groupId: "a", body: NEWER }, { groupId: "a", body: "second" }, { groupId: "b", body: "other" });
    const received = await event("qa");
    const inGroup = (groupId: string) =>
      received.Records.filter(({ attributes }) => attributes.MessageGroupId === groupId).map(({ messageId }) => ({
        itemIdentifier: messageId,
      }));
    expect(inGroup("a")).toHaveLength(2);
    expect(await invoke(router, received)).toEqual({ batchItemFailures: inGroup("a") });
    expect(await deadLetters("qa")).toHaveLength(1);
    const releases = calls.filter(({ call, groupId }) => call === "release" && groupId === "a");
    expect(releases).toEqual([
      { call: "release", groupId: "a", argument: expect.any(Number) },
      { call: "release", groupId: "a", argument: 0 },
    ]);
    expect(releases[0]?.argument).toBeGreaterThan(0);
    // Visible, yet behind one that is not.
    expect((await event("qa")).Records).toEqual([]);
  });

  it("is reported where even that failed, with what failed told", async () => {
    const { made, start, event, router, settled, context, errors } = place(() => {
      throw new Error("no");
    });
    await start("t");
    const received = await event("qa");
    made.failing = "release";
    expect((await settled(router(received, context()))).batchItemFailures).toHaveLength(1);
    expect(errors).toEqual([expect.objectContaining({ message: "the queue does not release" })]);
  });
});

describe("an agent that does not end in time", () => {
  it("is told to stop, gives the message back in time, and fails its task with what to do once it was tried often enough", async () => {
    const { start, event, invoke, router, clock, turns, attemptErrors, relay } = place(never);
    const task = await start("t");
    for (let attempt = 1; attempt <= 3; attempt++) {
      let received = await event("qa");
      while (received.Records.length === 0) {
        await clock.advance(1_000);
        received = await event("qa");
      }
      const begin = clock.now();
      const { batchItemFailures } = await invoke(router, received);
      expect(clock.now() - begin).toBeLessThanOrEqual(FUNCTION_MS - MARGIN_MS);
      expect(turns[attempt - 1]?.signal.aborted).toBe(true);
      expect(batchItemFailures).toHaveLength(attempt < 3 ? 1 : 0);
    }
    const why = `the run did not end within ${FUNCTION_MS - GRACE_MS - MARGIN_MS} ms (this function's time limit; an agent that needs longer belongs in a long-lived worker: relay.worker({ agents: ["qa"] }))`;
    expect(await attemptErrors("t")).toEqual([why, why, why]);
    expect(await task.result()).toMatchObject({ status: "failed", error: { message: why } });
    expect(relay.limits.maxAttempts).toBe(3);
  });
});

describe("a later message of a batch", () => {
  const lasting = (ms: number) => {
    const made = place(() => made.clock.sleep(ms));
    return made;
  };

  it("runs where there is time for it", async () => {
    const { start, event, invoke, router, turns } = lasting(40_000);
    await start("a");
    await start("b");
    expect(await invoke(router, await event("qa"))).toEqual({ batchItemFailures: [] });
    expect(turns).toHaveLength(2);
  });

  it("is given back at once, unrun, where there is too little, which costs its task no attempt", async () => {
    const { start, event, invoke, router, calls, turns, relay } = lasting(60_000);
    await start("a");
    await start("b");
    const { batchItemFailures } = await invoke(router, await event("qa"));
    expect(batchItemFailures).toHaveLength(1);
    expect(turns).toHaveLength(1);
    expect(calls.at(-1)).toMatchObject({ call: "release", argument: 0 });
    const again = await event("qa");
    expect(again.Records).toHaveLength(1);
    await invoke(router, again);
    expect(turns[1]?.attempt.number).toBe(1);
    for (const taskId of ["a", "b"]) expect(await relay.task(taskId).result()).toMatchObject({ status: "completed" });
  });

  it("asks a function with little time for half of it, and the first message for nothing", async () => {
    const { start, event, router, settled, context, turns } = lasting(1_000);
    await start("a");
    await start("b");
    const { batchItemFailures } = await settled(router(await event("qa"), context(GRACE_MS + MARGIN_MS + 3_000)));
    expect(turns).toHaveLength(2);
    expect(batchItemFailures).toEqual([]);
  });
});

describe("a queue that fails", () => {
  it("to hide a message does not keep it from being handled, and is asked again by the next extension", async () => {
    const { made, start, event, router, settled, context, errors, calls, clock, turns } = place(async () => {
      made.failing = undefined;
      await clock.sleep(VISIBILITY_MS / 2);
    });
    await start("t");
    const received = await event("qa");
    made.failing = "extend";
    expect(await settled(router(received, context()))).toEqual({ batchItemFailures: [] });
    expect(turns).toHaveLength(1);
    expect(errors).toEqual([expect.objectContaining({ message: "the queue does not extend" })]);
    expect(calls.at(-1)).toMatchObject({ call: "extend", argument: FUNCTION_MS + MARGIN_MS - VISIBILITY_MS / 3 });
  });

  it("to keep a message until it is handled has it handled by whoever has it now", async () => {
    const { start, event, router, settled, context, clock, turns, errors } = place();
    await start("t");
    const received = await event("qa");
    await clock.advance(VISIBILITY_MS);
    expect((await event("qa")).Records).toHaveLength(1);
    expect((await settled(router(received, context()))).batchItemFailures).toHaveLength(1);
    expect([turns, errors]).toEqual([[], []]);
  });
});

describe("what a function is not set up for", () => {
  it("is a queue that belongs to nobody: its message is kept and told of, others are handled", async () => {
    const { start, event, invoke, router, errors } = place();
    const task = await start("t");
    await start("u");
    const { Records } = await event("qa");
    const foreign = { ...Records[1], eventSourceARN: "arn:aws:sqs:us-east-1:123456789012:other.fifo" };
    const { batchItemFailures } = await invoke(router, { Records: [Records[0], foreign] } as never);
    expect(batchItemFailures).toEqual([{ itemIdentifier: foreign.messageId }]);
    expect(errors).toEqual([
      expect.objectContaining({
        code: "BACKEND_UNUSABLE",
        reason: "unknown-queue",
        message: expect.stringContaining("other.fifo"),
      }),
    ]);
    expect(await task.result()).toMatchObject({ status: "completed" });
  });

  it("is an agent that is only declared here: its message is kept and told of", async () => {
    const { relay, event, invoke, router, errors } = place();
    await relay.start({ to: "code", taskId: "t" });
    expect((await invoke(router, await event("code"))).batchItemFailures).toHaveLength(1);
    expect(errors).toEqual([expect.objectContaining({ code: "INVALID_OPTIONS" })]);
  });

  it.each([
    ["no event", undefined],
    ["another service's", { Records: [{ eventSource: "aws:s3", s3: {} }] }],
    ["an empty batch", { Records: [] }],
    [
      "a record without a receipt",
      { Records: [{ messageId: "1", body: "", attributes: {}, eventSource: "aws:sqs", eventSourceARN: "arn" }] },
    ],
  ])("is an event of another kind, which it refuses as a whole: %s", async (_what, event) => {
    const { router, context } = place();
    await expect(router(event, context())).rejects.toMatchObject({
      code: "INVALID_OPTIONS",
      message: expect.stringContaining("event source mapping with ReportBatchItemFailures"),
    });
  });

  it("is a time limit that leaves none for a run", async () => {
    const { start, event, router, context, calls } = place();
    await start("t");
    await expect(router(await event("qa"), context(15_000))).rejects.toThrow("give the function a longer timeout");
    expect(calls).toEqual([]);
  });
});

describe("lambdaRouter()", () => {
  it("makes a handler for events of SQS, as their types have it", () => {
    const handler: SQSHandler = place().router;
    expect(handler).toBeTypeOf("function");
  });

  it("refuses a relay whose queues are not on SQS", () => {
    const relay = createRelay({ id: "r", agents: [defineAgent({ name: "qa", run: () => 1 })], backend: memory() });
    expect(() => lambdaRouter(relay)).toThrow("give createRelay the backend aws({ … })");
  });

  it.each([
    ["a margin that is no number", { marginMs: "5" }, "marginMs must be a whole number of milliseconds"],
    ["a negative margin", { marginMs: -1 }, "marginMs must not be negative"],
    ["more time than a function has", { leastRunMs: 1_000_000 }, "leastRunMs must be at most 15 minutes"],
    ["a logger that is none", { onError: "console" }, "onError must be a function"],
  ])("refuses %s", (_what, options, message) => {
    expect(() => lambdaRouter(place().relay, options as never)).toThrow(message);
  });
});
