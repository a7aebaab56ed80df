import type { Agent, TurnResult } from "@agenthandoff/core";
import { type RunnableConfig, RunnableLambda } from "@langchain/core/runnables";
import { createAgent, type ToolRuntime, tool } from "langchain";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { handoffFrom, langchainAgent } from "./index.js";
import { type FakeTurn, fakeTurn } from "./testing/fake-turn.js";
import { calls, says, strictModel } from "./testing/strict-model.js";

const run = async (agent: Agent, turn: FakeTurn = fakeTurn()) => (await agent.run?.(turn)) as TurnResult;
const noArguments = z.object({});

describe("what the caller configures reaches models and tools", () => {
  it("tags, metadata, callbacks, context and configurable, beside the relay's own", async () => {
    const seen: Record<string, unknown>[] = [];
    const starts: unknown[] = [];
    const look = tool(
      (_, runtime: ToolRuntime) => {
        const { configurable = {}, context, config } = runtime;
        seen.push({ tenant: configurable.tenant, context, tags: config.tags, metadata: config.metadata });
        return "seen";
      },
      { name: "look", schema: noArguments },
    );
    const agent = createAgent({
      model: strictModel(calls(["look"]), says("x")),
      tools: [look],
      contextSchema: z.object({ user: z.string() }),
    });
    await run(
      langchainAgent({
        name: "a",
        agent: agent as never,
        config: ({ taskId }) => ({
          tags: ["mine"],
          metadata: { purpose: `for ${taskId}` },
          configurable: { tenant: "acme" },
          context: { user: "ann" },
          callbacks: [
            {
              handleChatModelStart: (_model, _messages, _run, _parent, _extra, tags, metadata) =>
                void starts.push([tags?.includes("mine"), metadata?.agenthandoff_task]),
            },
          ],
        }),
      }),
    );
    expect(seen).toEqual([
      {
        tenant: "acme",
        context: { user: "ann" },
        tags: ["mine"],
        metadata: expect.objectContaining({ purpose: "for task-1", agenthandoff_agent: "a", agenthandoff_step: 0 }),
      },
    ]);
    expect(starts).toEqual([
      [true, "task-1"],
      [true, "task-1"],
    ]);
  });

  it("what the agent itself was configured with, too", async () => {
    const tags: unknown[] = [];
    const model = strictModel(says("x"));
    const agent = createAgent({ model, tools: [] }).withConfig({
      tags: ["own"],
      callbacks: [{ handleChatModelStart: (_m, _ms, _r, _p, _e, given) => void tags.push(given) }],
    });
    await run(langchainAgent({ name: "a", agent }));
    expect(tags).toEqual([expect.arrayContaining(["own"])]);
  });
});

describe("the signal of the run", () => {
  it("stops a model call", async () => {
    const turn = fakeTurn();
    const model = strictModel(
      ({ options }) =>
        new Promise((_, reject) => {
          options.signal?.addEventListener("abort", () => reject(new Error("stopped")));
          turn.abort.abort(new Error("drained"));
        }),
    );
    await expect(run(langchainAgent({ name: "a", agent: createAgent({ model, tools: [] }) }), turn)).rejects.toThrow();
    expect(model.calls[0]?.options.signal?.aborted).toBe(true);
  });

  it("reaches tools and lambdas", async () => {
    const seen: (boolean | undefined)[][] = [];
    const abortThenLook = (turn: FakeTurn, source: { signal?: AbortSignal }) => {
      const { signal } = handoffFrom(source);
      const before = [source.signal?.aborted, signal.aborted];
      turn.abort.abort(new Error("drained"));
      seen.push([...before, source.signal?.aborted, signal.aborted]);
    };
    const look = (turn: FakeTurn) =>
      tool(
        (_, runtime: ToolRuntime) => {
          abortThenLook(turn, runtime);
          return "seen";
        },
        { name: "look", schema: noArguments },
      );
    const lambda = (turn: FakeTurn) =>
      RunnableLambda.from((_: string, config: RunnableConfig) => abortThenLook(turn, config));
    for (const make of [
      (turn: FakeTurn) => createAgent({ model: strictModel(calls(["look"]), says("x")), tools: [look(turn)] }),
      lambda,
    ]) {
      const turn = fakeTurn();
      await expect(run(langchainAgent({ name: "a", agent: make(turn) }), turn)).rejects.toThrow();
    }
    expect(seen).toEqual([
      [false, false, true, true],
      [false, false, true, true],
    ]);
  });
});
