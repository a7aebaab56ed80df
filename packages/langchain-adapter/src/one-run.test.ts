import { type Agent, InvalidOptionsError, type TurnResult } from "@agenthandoff/core";
import { type RunnableConfig, RunnableLambda } from "@langchain/core/runnables";
import { END, interrupt, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { createAgent, createMiddleware, type ToolRuntime, tool } from "langchain";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { handoffFrom, idempotencyKey, langchainAgent } from "./index.js";
import { type FakeTurn, fakeTurn, started } from "./testing/fake-turn.js";
import { calls, says, strictModel } from "./testing/strict-model.js";

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
    const ask = tool(() => String(interrupt("inner?")), { name: "ask", schema: noArguments });
    const tenants: unknown[] = [];
    const inner = langchainAgent({
      name: "inner",
      agent: createAgent({
        model: strictModel(({ options }) => {
          tenants.push(options.configurable?.tenant);
          return calls(["ask"]);
        }),
        tools: [ask],
      }),
    });
    const seen: unknown[] = [];
    const call = tool(
      async () => {
        const { decision } = await run(inner);
        seen.push(decision.kind === "wait" ? decision.question : decision.kind);
        return "called";
      },
      { name: "call", schema: noArguments },
    );
    const outer = langchainAgent({
      name: "outer",
      agent: createAgent({ model: strictModel(calls(["call"]), says("outer")), tools: [call] }),
      config: { configurable: { tenant: "of the outer run" } },
    });
    const result = await run(outer);
    expect(seen).toEqual(["inner?"]);
    expect(tenants).toEqual([undefined]);
    expect(result.decision).toEqual({ kind: "complete" });
    expect(result.usage?.modelCalls).toBe(2);
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
