import { type Agent, InvalidOptionsError, type TurnResult } from "@agenthandoff/core";
import { AIMessage, type BaseMessage, HumanMessage, SystemMessage } from "@langchain/core/messages";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { type RunnableConfig, RunnableLambda } from "@langchain/core/runnables";
import { Annotation, END, MemorySaver, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { createAgent, createMiddleware } from "langchain";
import { describe, expect, it } from "vitest";
import { handoffFrom, langchainAgent } from "./index.js";
import { entriesOf, type FakeHop, fakeTurn, started } from "./testing/fake-turn.js";
import { calls, says, strictModel } from "./testing/strict-model.js";

const run = async (agent: Agent, hops?: readonly FakeHop[]) => (await agent.run?.(fakeTurn(hops))) as TurnResult;
const messagesOf = (result: TurnResult) => entriesOf(result, "message") as readonly BaseMessage[];
const handsTo = ["code", "qa"] as const;
const past: FakeHop[] = [
  started("orders.csv"),
  {
    from: "research",
    decision: { kind: "handoff", to: "code", reason: "look" },
    entries: [{ kind: "output", value: { rows: 3 } }],
  },
];

describe("a RunnableLambda", () => {
  it("gets the past as text, and completes with what it returns", async () => {
    const seen: string[] = [];
    const lambda = RunnableLambda.from((text: string) => {
      seen.push(text);
      return { rows: 3 };
    });
    const result = await run(langchainAgent({ name: "code", agent: lambda }), past);
    expect(seen[0]).toContain('[1.0] output: {"rows":3}');
    expect(seen[0]).toContain('"research" hands this task to you: look');
    expect(result.decision).toEqual({ kind: "complete" });
    expect(entriesOf(result, "output")).toEqual([{ rows: 3 }]);
    expect(messagesOf(result)).toEqual([]);
  });

  it("gets what input makes of the context, whatever that is", async () => {
    const lambda = RunnableLambda.from((rows: number[]) => rows.length);
    const agent = langchainAgent({
      name: "code",
      agent: lambda,
      input: (context) => [context.latest("research"), context.input],
    });
    expect(entriesOf(await run(agent, past), "output")).toEqual([2]);
  });

  it("hands on through its config, its return value being the output", async () => {
    const lambda = RunnableLambda.from((_: string, config: RunnableConfig) => {
      handoffFrom<"qa">(config).handoff("qa", { reason: "checked" });
      return { ok: true };
    });
    const result = await run(langchainAgent({ name: "code", handsTo, agent: lambda }), past);
    expect(result.decision).toEqual({ kind: "handoff", to: "qa", reason: "checked" });
    expect(entriesOf(result, "output")).toEqual([{ ok: true }]);
  });

  it("adds artifacts and outputs through its config", async () => {
    const lambda = RunnableLambda.from((_: string, config: RunnableConfig) => {
      handoffFrom(config).add(
        { kind: "artifact", name: "a.txt", data: "hello" },
        { kind: "output", name: "extra", value: 1 },
      );
    });
    const result = await run(langchainAgent({ name: "code", agent: lambda }), past);
    expect(result.entries).toEqual([
      { kind: "artifact", name: "a.txt", data: "hello" },
      { kind: "output", name: "extra", value: 1 },
    ]);
  });

  it("decides by decide", async () => {
    const lambda = RunnableLambda.from(() => ({ ok: false }));
    const agent = langchainAgent({
      name: "code",
      handsTo,
      agent: lambda,
      decide: (result) => ((result as { ok: boolean }).ok ? "complete" : { handoff: "qa", output: "not ok" }),
    });
    const result = await run(agent, past);
    expect(result.decision).toEqual({ kind: "handoff", to: "qa" });
    expect(entriesOf(result, "output")).toEqual(["not ok"]);
  });

  it("decides by whenSilent when there is no decide", async () => {
    const agent = langchainAgent({
      name: "code",
      handsTo,
      agent: RunnableLambda.from(() => "x"),
      whenSilent: { handoff: "qa" },
    });
    expect((await run(agent, past)).decision).toEqual({ kind: "handoff", to: "qa" });
  });

  it("cannot be asked again", () => {
    expect(() =>
      langchainAgent({ name: "code", handsTo, agent: RunnableLambda.from(() => "x"), whenSilent: "ask-again" }),
    ).toThrow(InvalidOptionsError);
  });
});

describe("a chain (LCEL)", () => {
  it("takes an object as the variables of its prompt", async () => {
    const model = strictModel(says("Three rows."));
    const chain = ChatPromptTemplate.fromMessages([
      ["system", "Be brief."],
      ["human", "{question}"],
    ])
      .pipe(model)
      .pipe(new StringOutputParser());
    const agent = langchainAgent({
      name: "code",
      agent: chain,
      input: (context) => ({ question: `How many in ${String(context.input)}?` }),
    });
    const result = await run(agent, past);
    expect(model.calls[0]?.messages.map((message) => message.text)).toEqual(["Be brief.", "How many in orders.csv?"]);
    expect(entriesOf(result, "output")).toEqual(["Three rows."]);
    expect(result.usage?.modelCalls).toBe(1);
  });
});

describe("a bare chat model", () => {
  it("gets messages, and what it answers is recorded with an id of its own", async () => {
    const model = strictModel(says("Ok."));
    const result = await run(langchainAgent({ name: "code", agent: model }), past);
    expect(model.calls[0]?.messages.map((message) => message.getType())).toEqual(["human", "human"]);
    expect(model.calls[0]?.messages[0]?.text).toContain("[0.0] input: orders.csv");
    expect(messagesOf(result)).toEqual([expect.objectContaining({ id: expect.any(String), content: "Ok." })]);
    expect(entriesOf(result, "output")).toEqual(["Ok."]);
  });

  it("gets messages that input took from elsewhere in a form that it accepts", async () => {
    const model = strictModel(says("Ok."));
    const input = () => [
      new SystemMessage("Judge."),
      new HumanMessage("First"),
      calls(["gone"]),
      new SystemMessage("Late."),
    ];
    await run(langchainAgent({ name: "code", agent: model, input }), past);
    expect(model.calls[0]?.messages.map((message) => message.getType())).toEqual([
      "system",
      "human",
      "ai",
      "tool",
      "human",
    ]);
  });

  it("may have settings bound to it", async () => {
    const model = strictModel(says("Ok."));
    await run(langchainAgent({ name: "code", agent: model.withConfig({ tags: ["x"] }), input: () => "Hello" }), past);
    expect(model.calls[0]?.messages.map((message) => message.text)).toEqual(["Hello"]);
  });
});

describe("a compiled graph", () => {
  it("gets the past as a message, and hands over its new messages and its state", async () => {
    const model = strictModel(says("Three."));
    const State = Annotation.Root({ ...MessagesAnnotation.spec, rows: Annotation<number> });
    const graph = new StateGraph(State)
      .addNode("ask", async ({ messages }) => ({ messages: [await model.invoke(messages)], rows: 3 }))
      .addEdge(START, "ask")
      .addEdge("ask", END)
      .compile();
    const result = await run(langchainAgent({ name: "code", agent: graph }), past);
    expect(model.calls[0]?.messages[0]?.text).toContain("[0.0] input: orders.csv");
    expect(messagesOf(result).map((message) => message.text)).toEqual(["Three."]);
    expect(entriesOf(result, "state")).toEqual([3]);
    expect(entriesOf(result, "output")).toEqual(["Three."]);
  });

  const counter = () =>
    new StateGraph(Annotation.Root({ count: Annotation<number>({ reducer: (a, b) => a + b, default: () => 0 }) }))
      .addNode("one", (_state, config) => {
        if (handoffFrom(config).context.input === "hand on") handoffFrom(config).handoff("qa", { reason: "counted" });
        return { count: 1 };
      })
      .addEdge(START, "one")
      .addEdge("one", END)
      .compile();

  it("without messages needs an input, and completes with its final state", async () => {
    const agent = langchainAgent({ name: "code", agent: counter(), input: () => ({ count: 4 }) });
    expect(entriesOf(await run(agent, past), "output")).toEqual([{ count: 5 }]);
    await expect(run(langchainAgent({ name: "code", agent: counter() }), past)).rejects.toThrow(
      /give langchainAgent an input/,
    );
    await expect(run(langchainAgent({ name: "code", agent: counter(), input: () => "text" }), past)).rejects.toThrow(
      /has no messages/,
    );
  });

  it("hands on from within a node", async () => {
    const agent = langchainAgent({ name: "code", handsTo, agent: counter(), input: () => ({ count: 0 }) });
    const result = await run(agent, [started("hand on")]);
    expect(result.decision).toEqual({ kind: "handoff", to: "qa", reason: "counted" });
    expect(entriesOf(result, "output")).toEqual([{ count: 1 }]);
  });

  it("keeps its own checkpointer to itself: runs do not see each other", async () => {
    const graph = new StateGraph(MessagesAnnotation)
      .addNode("count", ({ messages }) => ({ messages: [new AIMessage(String(messages.length))] }))
      .addEdge(START, "count")
      .addEdge("count", END)
      .compile({ checkpointer: new MemorySaver() });
    const agent = langchainAgent({ name: "code", agent: graph });
    const first = await run(agent, past);
    expect(entriesOf(await run(agent, past), "output")).toEqual(entriesOf(first, "output"));
  });
});

describe("a factory", () => {
  it("makes an agent for each run, which knows the run", async () => {
    const model = strictModel(says("Ok."), says("Ok."));
    const agent = langchainAgent({
      name: "code",
      agent: async ({ context }) =>
        createAgent({ model, tools: [], systemPrompt: `You work on ${String(context.input)}.` }),
    });
    await run(agent, past);
    await run(agent, [started("other.csv")]);
    expect(model.calls.map(({ messages }) => messages[0]?.text)).toEqual([
      "You work on orders.csv.",
      "You work on other.csv.",
    ]);
  });

  it("may put the relay's middleware where it wants", async () => {
    const order: string[] = [];
    const outer = createMiddleware({
      name: "Outer",
      wrapModelCall: (request, handler) => {
        order.push(`outer sees ${request.messages.length}`);
        return handler(request);
      },
    });
    const inner = createMiddleware({
      name: "Inner",
      wrapModelCall: (request, handler) => {
        order.push(`inner sees ${request.messages.length}`);
        return handler(request);
      },
    });
    const agent = langchainAgent({
      name: "code",
      handsTo,
      agent: ({ middleware }) =>
        createAgent({ model: strictModel(says("Ok.")), tools: [], middleware: [outer, middleware, inner] }),
    });
    await run(agent, past);
    expect(order).toEqual(["outer sees 1", "inner sees 2"]);
  });

  it("that returns nothing useful is told so", async () => {
    await expect(run(langchainAgent({ name: "code", agent: () => undefined as never }), past)).rejects.toThrow(
      InvalidOptionsError,
    );
  });
});
