import type { Agent, TurnResult } from "@agenthandoff/core";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, type BaseMessage, HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { Command, MemorySaver, ReducedValue, StateSchema } from "@langchain/langgraph";
import {
  type AgentMiddleware,
  createAgent,
  createMiddleware,
  summarizationMiddleware,
  type ToolRuntime,
  tool,
  toolStrategy,
} from "langchain";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { langchainAgent } from "./index.js";
import { entriesOf, type FakeHop, fakeTurn, started } from "./testing/fake-turn.js";
import { calls, says, strictModel } from "./testing/strict-model.js";

const run = async (agent: Agent, hops?: readonly FakeHop[]) => (await agent.run?.(fakeTurn(hops))) as TurnResult;
const messagesOf = (result: TurnResult) => entriesOf(result, "message") as readonly BaseMessage[];
const texts = (messages: readonly BaseMessage[]) => messages.map((message) => `${message.getType()}: ${message.text}`);

const look = tool(() => "ten rows", { name: "look", schema: z.object({}) });
// LangChain's types do not fit themselves under exactOptionalPropertyTypes.
const summarize = (model: BaseChatModel) =>
  summarizationMiddleware({
    model,
    trigger: { messages: 4 },
    keep: { messages: 2 },
  } as never) as unknown as AgentMiddleware;
const handsTo = ["code", "qa"] as const;

describe("an agent made by createAgent", () => {
  it("completes with the text of its answer, and hands over what it said and did", async () => {
    const model = strictModel(calls(["look"]), says("All is well."));
    const result = await run(langchainAgent({ name: "research", agent: createAgent({ model, tools: [look] }) }));
    expect(result.decision).toEqual({ kind: "complete" });
    expect(texts(messagesOf(result))).toEqual(["ai: ", "tool: ten rows", "ai: All is well."]);
    expect(entriesOf(result, "output")).toEqual(["All is well."]);
  });

  it("leaves the agent that was passed as it was", async () => {
    const model = strictModel(says("One."), says("Two."));
    const agent = createAgent({ model, tools: [look], systemPrompt: "Be brief." });
    await run(langchainAgent({ name: "research", handsTo, agent }));
    await agent.invoke({ messages: [new HumanMessage("Hello")] });
    expect(model.calls[0]?.tools).toEqual(["look", "transfer_to_code", "transfer_to_qa"]);
    expect(model.calls[1]?.tools).toEqual(["look"]);
    expect(texts(model.calls[1]?.messages ?? [])).toEqual(["system: Be brief.", "human: Hello"]);
  });

  it("shows the model the whole past as one marked message, before the agent's own", async () => {
    const past = [
      started({ file: "orders.csv" }),
      {
        from: "research",
        decision: { kind: "handoff", to: "code", reason: "types are known" },
        entries: [{ value: calls(["look"]) }, { value: says("Three columns.") }],
      },
    ] satisfies FakeHop[];
    const model = strictModel(says("Ok."));
    await run(
      langchainAgent({ name: "code", agent: createAgent({ model, tools: [], systemPrompt: "You write code." }) }),
      past,
    );
    const [system, view, input, ...rest] = model.calls[0]?.messages ?? [];
    expect(rest).toEqual([]);
    expect(system?.text).toBe("You write code.");
    expect(view).toBeInstanceOf(HumanMessage);
    expect(view?.text).toContain('[0.0] input: {"file":"orders.csv"}');
    expect(view?.text).toContain("[1.0] calls look({})");
    expect(view?.text).toContain("[1.1] ai: Three columns.");
    expect(input?.text).toContain('"research" hands this task to you: types are known');
  });

  it("shows no past with view: false, and starts with what input says", async () => {
    const model = strictModel(says("Ok."));
    const agent = createAgent({ model, tools: [] });
    await run(langchainAgent({ name: "code", view: false, input: ({ input }) => `Read ${String(input)}`, agent }), [
      started("a.csv"),
    ]);
    expect(texts(model.calls[0]?.messages ?? [])).toEqual(["human: Read a.csv"]);
  });

  it("tells a first agent without a view what the task is", async () => {
    const model = strictModel(says("Ok."));
    await run(langchainAgent({ name: "code", view: false, agent: createAgent({ model, tools: [] }) }), [
      started("Read a.csv"),
    ]);
    expect(model.calls[0]?.messages[0]?.text).toContain("Read a.csv");
  });

  it("makes messages that input took from other agents valid, and records them not again", async () => {
    const foreign = [
      new SystemMessage("You are somebody else."),
      new AIMessage({
        id: "1",
        content: [{ type: "reasoning", reasoning: "hm" }] as never,
        tool_calls: [{ id: "c1", name: "look", args: {} }],
      }),
      new HumanMessage("go on"),
      new AIMessage({ id: "1", content: "Same id." }),
      new ToolMessage({ content: "late", tool_call_id: "gone", name: "look" }),
    ];
    const model = strictModel(says("Ok."));
    const agent = createAgent({ model, tools: [], systemPrompt: "You are code." });
    const result = await run(langchainAgent({ name: "code", agent, input: () => foreign }));
    expect(model.calls[0]?.messages.map((message) => message.getType())).toEqual([
      "system",
      "human",
      "human",
      "ai",
      "tool",
      "human",
      "ai",
      "human",
    ]);
    expect(texts(messagesOf(result))).toEqual(["ai: Ok."]);
    expect(foreign[1]?.content).toEqual([{ type: "reasoning", reasoning: "hm" }]);
  });

  it("takes a first state from input", async () => {
    const model = strictModel(says("Ok."));
    const seen: unknown[] = [];
    const read = createMiddleware({
      name: "Read",
      stateSchema: z.object({ rows: z.number().default(0) }),
      beforeModel: (state) => void seen.push(state.rows),
    });
    const agent = createAgent({ model, tools: [], middleware: [read] });
    await run(langchainAgent({ name: "research", agent, input: () => ({ rows: 7 }) }));
    expect(seen).toEqual([7]);
    expect(model.calls[0]?.messages.at(-1)?.text).toContain("The task begins with you.");
  });

  it("works beside every part of createAgent at once", async () => {
    const state = new StateSchema({
      notes: new ReducedValue(
        z.array(z.string()).default(() => []),
        { inputSchema: z.string(), reducer: (all, one) => [...all, one] },
      ),
    });
    const note = tool(
      (_, runtime: ToolRuntime) =>
        new Command({
          update: { notes: "n", messages: [new ToolMessage({ content: "noted", tool_call_id: runtime.toolCallId })] },
        }),
      { name: "note", schema: z.object({}) },
    );
    const model = strictModel(
      calls(["note"], ["look"]),
      calls(["note"]),
      calls(["transfer_to_qa", { reason: "ready" }]),
    );
    const summarizer = strictModel(says("Short."), says("Shorter."));
    const agent = createAgent({
      model,
      tools: [note, look],
      systemPrompt: "You are code.",
      stateSchema: state,
      responseFormat: toolStrategy(z.object({ verdict: z.string() })) as never,
      checkpointer: new MemorySaver(),
      middleware: [
        summarize(summarizer),
        createMiddleware({
          name: "Prompt",
          wrapModelCall: (request, handler) => handler({ ...request, systemPrompt: "Changed." }),
        }),
      ],
    });
    const result = await run(langchainAgent({ name: "code", handsTo, agent }));
    expect(result.decision).toEqual({ kind: "handoff", to: "qa", reason: "ready" });
    expect(entriesOf(result, "state")).toEqual([["n", "n"]]);
    for (const call of model.calls) {
      expect(call.messages[0]?.text).toBe("Changed.");
      expect(call.messages[1]?.text).toContain("[0.0] input: go");
    }
  });

  it("may go round as often as without the relay: its hooks are not counted against the agent", async () => {
    const rounds = (count: number) =>
      strictModel(...Array.from({ length: count }, () => calls(["look"])), says("Done."));
    const idle = createMiddleware({ name: "Idle", beforeModel: () => undefined });
    const unlimited = await run(
      langchainAgent({ name: "a", agent: createAgent({ model: rounds(11), tools: [look] }) }),
    );
    expect(unlimited.decision.kind).toBe("complete");
    const make = () =>
      createAgent({ model: rounds(2), tools: [look], middleware: [idle] }).withConfig({ recursionLimit: 9 });
    await make().invoke({ messages: [new HumanMessage("Go round.")] });
    const own = make();
    expect((await run(langchainAgent({ name: "a", agent: own }))).decision.kind).toBe("complete");
    const limited = createAgent({ model: rounds(11), tools: [look] });
    await expect(run(langchainAgent({ name: "a", agent: limited, config: { recursionLimit: 10 } }))).rejects.toThrow(
      /Recursion limit of 20/,
    );
  });

  it("ends with the result of a tool that returns directly, with a response format as without", async () => {
    const direct = tool(() => "direct", { name: "direct", schema: z.object({}), returnDirect: true });
    for (const format of [{}, { responseFormat: toolStrategy(z.object({ verdict: z.string() })) }]) {
      const model = strictModel(calls(["direct"]));
      const agent = createAgent({ model, tools: [direct], ...format } as never) as ReturnType<typeof createAgent>;
      expect(entriesOf(await run(langchainAgent({ name: "a", agent })), "output")).toEqual(["direct"]);
    }
  });
});
