import {
  type Agent,
  hasCode,
  InvalidOptionsError,
  NonRetryableError,
  RetryLaterError,
  type TurnResult,
} from "@agenthandoff/core";
import type { BaseMessage, UsageMetadata } from "@langchain/core/messages";
import { type RunnableConfig, RunnableLambda } from "@langchain/core/runnables";
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { createAgent, createMiddleware, type ToolRuntime, tool } from "langchain";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { attemptRecord, handoffFrom, idempotencyKey, langchainAgent } from "./index.js";
import { entriesOf, type FakeTurn, fakeTurn, started } from "./testing/fake-turn.js";
import { calls, says, streamingModel, strictModel } from "./testing/strict-model.js";

const run = async (agent: Agent, turn: FakeTurn = fakeTurn()) => (await agent.run?.(turn)) as TurnResult;
const noArguments = z.object({});

describe("a run belongs to its task alone", () => {
  it("so that tasks which run at the same time in one agent do not mix", async () => {
    let meeting = () => {};
    const met = new Promise<void>((resolve) => {
      meeting = resolve;
    });
    let inside = 0;
    const meet = tool(
      async (_, runtime: ToolRuntime) => {
        if (++inside === 2) meeting();
        await met;
        const memory = handoffFrom<"a" | "b">(runtime);
        memory.handoff(memory.context.input as "a" | "b", { output: memory.context.input });
        return "met";
      },
      { name: "meet", schema: noArguments },
    );
    const model = strictModel(calls(["meet"]), calls(["meet"]));
    const agent = langchainAgent({
      name: "research",
      handsTo: ["a", "b"],
      agent: createAgent({ model, tools: [meet] }),
    });
    const [first, second] = await Promise.all([
      run(agent, fakeTurn([started("a")])),
      run(agent, fakeTurn([started("b")])),
    ]);
    expect(first.decision).toMatchObject({ to: "a" });
    expect(second.decision).toMatchObject({ to: "b" });
    expect(model.calls.map(({ messages }) => /input: (.)/.exec(messages[0]?.text ?? "")?.[1]).toSorted()).toEqual([
      "a",
      "b",
    ]);
  });

  it("and not to the agent, graph or tool that called the relay", async () => {
    const inner = langchainAgent({
      name: "inner",
      agent: createAgent({ model: strictModel(says("inner")), tools: [] }),
    });
    const seen: unknown[] = [];
    const call = tool(
      async () => {
        const result = await run(inner);
        seen.push(result.decision.kind, entriesOf(result, "output")[0]);
        return "called";
      },
      { name: "call", schema: noArguments },
    );
    const outer = langchainAgent({
      name: "outer",
      agent: createAgent({ model: strictModel(calls(["call"]), says("outer")), tools: [call] }),
    });
    const result = await run(outer);
    expect(seen).toEqual(["complete", "inner"]);
    expect((entriesOf(result, "message") as BaseMessage[]).map((message) => message.text)).toEqual([
      "",
      "called",
      "outer",
    ]);
  });
});

describe("handoffFrom", () => {
  it("finds the run from a tool, a hook, a node and a lambda", async () => {
    const found: string[] = [];
    const note = (where: string, source: unknown) => void found.push(`${where} ${handoffFrom(source).context.taskId}`);
    const look = tool(
      (_, runtime: ToolRuntime) => {
        note("tool", runtime);
        note("config", runtime.config);
        return "seen";
      },
      {
        name: "look",
        schema: noArguments,
      },
    );
    const hooks = createMiddleware({
      name: "Hooks",
      beforeAgent: (_state, runtime) => note("hook", runtime),
      wrapToolCall: (request, handler) => {
        note("wrap", request.runtime);
        return handler(request);
      },
    });
    await run(
      langchainAgent({
        name: "a",
        agent: createAgent({ model: strictModel(calls(["look"]), says("x")), tools: [look], middleware: [hooks] }),
      }),
    );
    const graph = new StateGraph(MessagesAnnotation)
      .addNode("n", (_state, config) => {
        note("node", config);
        return {};
      })
      .addEdge(START, "n")
      .addEdge("n", END)
      .compile();
    await run(langchainAgent({ name: "b", agent: graph }));
    await run(
      langchainAgent({
        name: "c",
        agent: RunnableLambda.from((_: string, config: RunnableConfig) => note("lambda", config)),
      }),
    );
    expect(found).toEqual(["hook", "wrap", "tool", "config", "node", "lambda"].map((where) => `${where} task-1`));
  });

  it.each([undefined, null, {}, { configurable: {} }, "config"])("says what to pass when it is given %j", (source) => {
    expect(() => handoffFrom(source)).toThrow(InvalidOptionsError);
    expect(() => handoffFrom(source)).toThrow(/second argument/);
  });
});

describe("idempotencyKey", () => {
  const keyed = (keys: string[]) =>
    tool(
      (_, runtime: ToolRuntime) => {
        keys.push(idempotencyKey(runtime), idempotencyKey(runtime));
        return "done";
      },
      {
        name: "pay",
        schema: z.object({ to: z.string() }),
      },
    );

  it("is equal in every attempt that makes the same call, however often a call asks for it", async () => {
    const attempts: string[][] = [];
    for (let attempt = 0; attempt < 2; attempt++) {
      const keys: string[] = [];
      const model = strictModel(calls(["pay", { to: "ann" }]), calls(["pay", { to: "bob" }]), says("x"));
      await run(langchainAgent({ name: "a", agent: createAgent({ model, tools: [keyed(keys)] }) }));
      attempts.push(keys);
    }
    expect(attempts[0]).toEqual(attempts[1]);
    expect(attempts[0]?.[0]).toBe(attempts[0]?.[1]);
    expect(new Set(attempts[0]).size).toBe(2);
  });

  it("differs between identical calls of one attempt", async () => {
    const keys: string[] = [];
    const model = strictModel(calls(["pay", { to: "ann" }], ["pay", { to: "ann" }]), says("x"));
    await run(langchainAgent({ name: "a", agent: createAgent({ model, tools: [keyed(keys)] }) }));
    expect(new Set(keys).size).toBe(2);
  });

  it("is for tool calls only", async () => {
    const lambda = RunnableLambda.from((_: string, config: RunnableConfig) => idempotencyKey(config));
    await expect(run(langchainAgent({ name: "a", agent: lambda }))).rejects.toThrow(/found no tool call/);
  });
});

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

describe("usage", () => {
  const tokens = (input: number, output: number): UsageMetadata => ({
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    input_token_details: { cache_read: 1, cache_creation: 2 },
    output_token_details: { reasoning: 3 },
  });
  const look = tool(() => "seen", { name: "look", schema: noArguments });

  it("is summed over all calls of models and tools", async () => {
    const model = strictModel(
      Object.assign(calls(["look"], ["look"]), { usage_metadata: tokens(10, 5) }),
      says("x", tokens(20, 7)),
    );
    const result = await run(langchainAgent({ name: "a", agent: createAgent({ model, tools: [look] }) }));
    expect(result.usage).toEqual({
      inputTokens: 30,
      outputTokens: 12,
      totalTokens: 42,
      cacheReadTokens: 2,
      cacheWriteTokens: 4,
      reasoningTokens: 6,
      modelCalls: 2,
      toolCalls: 2,
    });
  });

  it("includes what middleware spends, and what a tool's own models spend", async () => {
    const helper = strictModel(says("short", tokens(100, 1)), says("ask", tokens(1000, 1)));
    const ask = tool(async (_, runtime: ToolRuntime) => (await helper.invoke("?", runtime.config)).text, {
      name: "ask",
      schema: noArguments,
    });
    const summarize = createMiddleware({ name: "Sum", beforeAgent: async () => void (await helper.invoke("sum up")) });
    const model = strictModel(calls(["ask"]), says("x", tokens(1, 1)));
    const result = await run(
      langchainAgent({ name: "a", agent: createAgent({ model, tools: [ask], middleware: [summarize] }) }),
    );
    expect(result.usage).toMatchObject({ inputTokens: 1101, modelCalls: 4, toolCalls: 1 });
  });

  it("includes models that stream", async () => {
    const model = streamingModel(says("one two three", tokens(8, 4)));
    const agent = createAgent({ model, tools: [] });
    const chunks: string[] = [];
    const result = await run(
      langchainAgent({
        name: "a",
        agent,
        config: {
          callbacks: [
            { handleLLMNewToken: (token: string) => void chunks.push(token), lc_prefer_streaming: true } as never,
          ],
        },
      }),
    );
    expect(result.usage).toMatchObject({ inputTokens: 8, outputTokens: 4, modelCalls: 1 });
    expect(chunks.join("")).toBe("one two three");
  });

  it("tells no tokens when no model tells any", async () => {
    const result = await run(
      langchainAgent({ name: "a", agent: createAgent({ model: strictModel(says("x")), tools: [] }) }),
    );
    expect(result.usage).toEqual({ modelCalls: 1, toolCalls: 0 });
  });
});

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
    for (const each of [agent, lambda]) {
      const result = await run(langchainAgent({ name: "a", agent: each }));
      expect(result.decision).toEqual({ kind: "fail", reason: "the account is closed" });
    }
  });
});
