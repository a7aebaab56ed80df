import type { Agent, TurnResult } from "@agenthandoff/core";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { Command } from "@langchain/langgraph";
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
import { langchainAgent, langchainCodec } from "./index.js";
import { entriesOf, type FakeHop, fakeTurn, hopOf, started } from "./testing/fake-turn.js";
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

describe("the record of a run", () => {
  it("gives each message an id of its own, and keeps them as LangChain made them", async () => {
    const model = strictModel(says("One."));
    const [message] = messagesOf(
      await run(langchainAgent({ name: "research", agent: createAgent({ model, tools: [] }) })),
    );
    expect(message).toBeInstanceOf(AIMessage);
    expect(message?.id).toEqual(expect.any(String));
  });

  it("does not let a server that repeats its ids overwrite earlier messages", async () => {
    const same = (message: AIMessage) => Object.assign(message, { id: "chatcmpl-1" });
    const model = strictModel(same(calls(["look"])), same(calls(["look"])), same(says("Done.")));
    const result = await run(langchainAgent({ name: "research", agent: createAgent({ model, tools: [look] }) }));
    expect(texts(messagesOf(result))).toEqual(["ai: ", "tool: ten rows", "ai: ", "tool: ten rows", "ai: Done."]);
    expect(new Set(messagesOf(result).map(({ id }) => id)).size).toBe(5);
  });

  it("hands over the state of the agent's own schema, and a structured response as output", async () => {
    const setRows = tool(
      (_, runtime: ToolRuntime) =>
        new Command({
          update: { rows: 10, messages: [new ToolMessage({ content: "set", tool_call_id: runtime.toolCallId })] },
        }),
      { name: "set_rows", schema: z.object({}) },
    );
    const model = strictModel(calls(["set_rows"]), calls(["extract-1", { verdict: "good" }]));
    const agent = createAgent({
      model,
      tools: [setRows],
      stateSchema: z.object({ rows: z.number().default(0) }),
      responseFormat: toolStrategy(z.object({ verdict: z.string() })),
    });
    const result = await run(langchainAgent({ name: "research", agent }));
    expect(result.entries.filter(({ kind }) => kind === "state")).toEqual([{ kind: "state", name: "rows", value: 10 }]);
    expect(entriesOf(result, "output")).toEqual([{ verdict: "good" }]);
  });

  it("keeps tool artifacts", async () => {
    const make = tool(() => ["made", { at: new Date(0), bytes: new Uint8Array([1]) }], {
      name: "make",
      schema: z.object({}),
      responseFormat: "content_and_artifact",
    });
    const model = strictModel(calls(["make"]), says("Ok."));
    const result = await run(langchainAgent({ name: "research", agent: createAgent({ model, tools: [make] }) }));
    expect(messagesOf(result)[1]).toMatchObject({ artifact: { at: new Date(0), bytes: new Uint8Array([1]) } });
  });

  it("keeps the messages that a summarizer removes, and what it wrote instead", async () => {
    const model = strictModel(calls(["look"]), calls(["look"]), calls(["look"]), says("Done."));
    const summarizer = strictModel(says("A summary."), says("Another summary."), says("A third."));
    const agent = createAgent({
      model,
      tools: [look],
      middleware: [summarize(summarizer)],
    });
    const result = await run(langchainAgent({ name: "research", agent }));
    const recorded = messagesOf(result);
    expect(recorded.filter((message) => AIMessage.isInstance(message))).toHaveLength(4);
    expect(recorded.filter((message) => ToolMessage.isInstance(message))).toHaveLength(3);
    expect(recorded.some((message) => HumanMessage.isInstance(message) && message.text.includes("A summary."))).toBe(
      true,
    );
    expect(recorded.some((message) => message.text.includes("The task begins with you."))).toBe(false);
    expect(model.calls.at(-1)?.messages[0]?.text).toContain("[0.0] input: go");
  });

  it("keeps a message as it was before it was changed in place", async () => {
    const edit = createMiddleware({
      name: "Edit",
      afterModel(state) {
        const last = state.messages.at(-1) as AIMessage;
        if (last.tool_calls?.length !== 1) return undefined;
        last.tool_calls = [{ ...last.tool_calls[0], name: "look", args: { edited: true } } as never];
        return { messages: [last] };
      },
    });
    const model = strictModel(calls(["look", { edited: false }]), says("Ok."));
    const lenient = tool(() => "seen", { name: "look", schema: z.object({ edited: z.boolean() }) });
    const result = await run(
      langchainAgent({ name: "research", agent: createAgent({ model, tools: [lenient], middleware: [edit] }) }),
    );
    const args = messagesOf(result)
      .flatMap((message) => (AIMessage.isInstance(message) ? (message.tool_calls ?? []) : []))
      .map((call) => call.args);
    expect(args).toEqual([{ edited: false }, { edited: true }]);
  });

  it("hands on through a chain in which ids repeat, and every message survives storage", async () => {
    const agentOf = (name: string, to: string[]) =>
      langchainAgent({
        name,
        handsTo: to,
        agent: createAgent({
          model: strictModel(
            Object.assign(calls(["look"]), { id: "0" }),
            Object.assign(to.length > 0 ? calls([`transfer_to_${to[0]}`, { reason: "next" }]) : says("End."), {
              id: "1",
            }),
          ),
          tools: [look],
        }),
      });
    const hops: FakeHop[] = [started("go", "a")];
    for (const [name, to] of [
      ["a", ["b"]],
      ["b", ["c"]],
      ["c", []],
    ] as const) {
      const result = await run(agentOf(name, [...to]), hops);
      const stored = langchainCodec.decode(
        JSON.parse(JSON.stringify(langchainCodec.encode([...result.entries]))),
      ) as TurnResult["entries"];
      expect(stored).toStrictEqual([...result.entries]);
      hops.push(hopOf(name, { ...result, entries: stored }));
    }
    expect(hops.at(-1)?.decision).toEqual({ kind: "complete" });
  });
});
