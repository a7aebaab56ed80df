import { describe, expect, it } from "vitest";
import {
  InvalidOptionsError,
  NonRetryableError,
  NotSerializableError,
  RetryLaterError,
  UnknownAgentError,
} from "../../errors/index.js";
import { createBed } from "../testing/bed.js";
import { finishes, scriptedAgent } from "../testing/scripted-agent.js";

const releases = (trace: readonly string[]) =>
  trace.filter((call) => call.startsWith("release ")).map((call) => Number(call.slice(8)));

const throwing = (error: unknown = new Error("no luck")) =>
  scriptedAgent("qa", () => {
    throw error;
  });

describe("a run", () => {
  it("is recorded before it begins; a start whose append was not confirmed does not run, and costs nothing", async () => {
    const qa = finishes("qa");
    const bed = createBed({ agents: [qa] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    bed.fail("append attempt_started", "after", 2);
    for (let time = 0; time < 2; time++) expect(await bed.deliver("qa")).toMatchObject({ status: "released" });
    expect(qa.turns).toHaveLength(0);
    expect(bed.kinds("t").filter((kind) => kind === "attempt_released:0")).toHaveLength(2);
    expect(await bed.deliver("qa")).toMatchObject({ status: "committed" });
    expect(qa.turns[0]?.attempt.number).toBe(1);
    expect(bed.trace.lastIndexOf("append attempt_started:0")).toBeLessThan(bed.trace.indexOf("put slot:1"));
  });

  it("that throws is audited with its error, redacted and bounded, and released with exponential backoff and jitter", async () => {
    const qa = throwing(new Error(`401: Authorization: Bearer abcdefgh12345678 ${"x".repeat(50_000)}`));
    const bed = createBed({ agents: [qa], maxAttempts: 9, maxBackoffMs: 20_000 });
    await bed.relay.start({ to: "qa", taskId: "t" });
    for (let run = 1; run <= 8; run++) expect(await bed.deliver("qa")).toMatchObject({ status: "released" });
    const failed = (await bed.events("t")).filter(({ kind }) => kind === "attempt_failed");
    expect(failed).toHaveLength(8);
    const text = JSON.stringify(failed);
    expect(text).toContain("[redacted]");
    expect(text).not.toContain("abcdefgh12345678");
    expect(text.length).toBeLessThan(8 * 2_000);
    const delays = releases(bed.trace);
    for (const [index, delay] of delays.entries())
      expect(delay).toBeLessThanOrEqual(Math.min(20_000, 1_000 * 2 ** index));
    expect(Math.max(...delays.slice(4))).toBeGreaterThan(2_000);
    expect(new Set(delays).size).toBe(8);
  });

  it("is tried again after the time that its error asks for, within what the queue can hide", async () => {
    const qa = scriptedAgent("qa", (_turn, run) => {
      if (run === 1) throw new RetryLaterError("rate limited", { retryAfterMs: 123_456 });
      if (run === 2) throw Object.assign(new Error("a provider's own error"), { retryAfterMs: 1e12 });
      return "done";
    });
    const bed = createBed({ agents: [qa] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    await bed.deliver("qa");
    await bed.deliver("qa");
    expect(releases(bed.trace)).toEqual([123_456, bed.backend.transport.maxVisibilityMs]);
  });

  it.each([
    new InvalidOptionsError("this agent cannot be defined"),
    new UnknownAgentError("there is no such agent"),
    new NotSerializableError({ path: "$.f", what: "a function" }),
  ])("that ends in an error of the agent's own code fails the task at once: $code", async (error) => {
    const bed = createBed({ agents: [throwing(error)] });
    const task = await bed.relay.start({ to: "qa", taskId: "t" });
    await bed.deliver("qa");
    expect(await task.result()).toMatchObject({ status: "failed", error: { code: error.code } });
  });

  it("that makes a decision and forgets to return it fails the task, and says what to write", async () => {
    const forgetful = scriptedAgent("qa", (turn) => {
      turn.complete({ output: "lost" });
    });
    const bed = createBed({ agents: [forgetful] });
    const task = await bed.relay.start({ to: "qa", taskId: "t" });
    await bed.deliver("qa");
    expect(await task.result()).toMatchObject({
      status: "failed",
      error: { message: expect.stringContaining("write: return complete(…)") },
    });
  });

  it("that fails by itself may say of which error", async () => {
    const failing = scriptedAgent("qa", (turn) =>
      turn.fail({ reason: "no", error: new RangeError("Authorization: Bearer abcdefghijk") }),
    );
    const bed = createBed({ agents: [failing] });
    const task = await bed.relay.start({ to: "qa", taskId: "t" });
    await bed.deliver("qa");
    expect(await task.result()).toMatchObject({
      reason: "no",
      error: { name: "RangeError", message: "Authorization: [redacted]" },
    });
  });

  it("that ends in a NonRetryableError fails the task at once, and the result says why", async () => {
    const bed = createBed({ agents: [throwing(new NonRetryableError("the file is empty"))] });
    const task = await bed.relay.start({ to: "qa", taskId: "t" });
    expect(await bed.deliver("qa")).toEqual({ status: "committed", decision: "fail" });
    expect(await task.result()).toMatchObject({
      status: "failed",
      agent: "qa",
      reason: expect.stringContaining("another try would not help"),
      error: { name: "NonRetryableError", message: "the file is empty", code: "NON_RETRYABLE" },
    });
    expect(bed.kinds("t")).toContain("attempt_failed:0");
  });

  it.each([
    null,
    undefined,
    "text",
    7,
    Symbol("s"),
    {},
    Object.create(null),
    {
      get message() {
        throw new Error("no");
      },
    },
  ])("may throw anything (%#): it is told as far as it can be", async (thrown) => {
    const bed = createBed({ agents: [throwing(thrown)], maxAttempts: 1 });
    const task = await bed.relay.start({ to: "qa", taskId: "t" });
    expect(await bed.deliver("qa")).toMatchObject({ decision: "fail" });
    expect(await task.result()).toMatchObject({ status: "failed", error: { message: expect.any(String) } });
  });
});
