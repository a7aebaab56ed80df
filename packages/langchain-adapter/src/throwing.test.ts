import { type Agent, hasCode, NonRetryableError, RetryLaterError, type TurnResult } from "@agenthandoff/core";
import type { BaseMessage } from "@langchain/core/messages";
import { type RunnableConfig, RunnableLambda } from "@langchain/core/runnables";
import { createAgent, createMiddleware, tool } from "langchain";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { attemptRecord, langchainAgent } from "./index.js";
import { type FakeTurn, fakeTurn } from "./testing/fake-turn.js";
import { calls, says, strictModel } from "./testing/strict-model.js";

const run = async (agent: Agent, turn: FakeTurn = fakeTurn()) => (await agent.run?.(turn)) as TurnResult;
const noArguments = z.object({});

describe("a run that throws", () => {
  const look = tool(() => "seen", { name: "look", schema: noArguments });

  it("throws what the model threw, and leaves with it what was learned and spent", async () => {
    const down = new Error("503");
    const agent = langchainAgent({
      name: "a",
      agent: createAgent({ model: strictModel(calls(["look"]), down), tools: [look] }),
    });
    const error: unknown = await run(agent).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBe(down);
    const record = attemptRecord(error);
    expect(record?.entries.map((entry) => ("value" in entry ? (entry.value as BaseMessage).getType() : ""))).toEqual([
      "ai",
      "tool",
    ]);
    expect(record?.usage).toEqual({ modelCalls: 2, toolCalls: 1 });
    expect(Object.keys(down)).not.toContain("attemptRecord");
    expect(attemptRecord(new Error("another"))).toBeUndefined();
  });

  it("waits as long as a provider asks for", async () => {
    const limited = Object.assign(new Error("429 slow down"), {
      status: 429,
      headers: new Headers({ "retry-after": "1.5" }),
    });
    const agent = langchainAgent({ name: "a", agent: createAgent({ model: strictModel(limited), tools: [] }) });
    const error = await run(agent).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(hasCode(error, "RETRY_LATER") && (error as RetryLaterError).retryAfterMs).toBe(1500);
    expect((error as Error).cause).toBe(limited);
  });

  it("says what an error of this library says, however deep middleware wrapped it", async () => {
    const later = new RetryLaterError("the service is busy", { retryAfterMs: 5_000 });
    const wrap = createMiddleware({
      name: "Wrap",
      wrapToolCall: () => {
        throw later;
      },
    });
    const agent = langchainAgent({
      name: "a",
      agent: createAgent({ model: strictModel(calls(["look"])), tools: [look], middleware: [wrap] }),
    });
    await expect(run(agent)).rejects.toBe(later);
  });

  it("fails the task at once for a NonRetryableError, even when middleware or a graph swallows it", async () => {
    const closed = () => new NonRetryableError("the account is closed");
    const fatal = tool(
      () => {
        throw closed();
      },
      { name: "fatal", schema: noArguments },
    );
    const swallow = createMiddleware({
      name: "Swallow",
      wrapToolCall: async (request, handler) => {
        try {
          return await handler(request);
        } catch {
          return handler({ ...request, tool: look as never });
        }
      },
    });
    const agent = createAgent({
      model: strictModel(calls(["fatal"]), says("never")),
      tools: [fatal, look],
      middleware: [swallow],
    });
    const lambda = RunnableLambda.from(async (_: string, config: RunnableConfig) =>
      fatal.invoke({}, config).catch(() => "swallowed"),
    );
    const deaf = { invoke: (_: string, config: RunnableConfig) => fatal.invoke({}, config).catch(() => "swallowed") };
    for (const each of [agent, lambda, deaf]) {
      const result = await run(langchainAgent({ name: "a", agent: each }));
      expect(result.decision).toMatchObject({ kind: "fail", reason: "the account is closed" });
    }
  });
});
