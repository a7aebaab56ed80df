import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  ChatMessage,
  FunctionMessage,
  HumanMessage,
  RemoveMessage,
  SystemMessage,
  ToolMessage,
} from "@langchain/core/messages";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { langchainCodec } from "../codec/langchain-codec.js";
import { messages as anyMessage } from "../testing/arbitrary-values.js";
import { says, strictModel } from "../testing/strict-model.js";
import { providerValid } from "./provider-valid.js";

const valid = (...messages: BaseMessage[]) => providerValid(messages, { idPrefix: "in-" });
const call = (id: string, name = "look") => ({ id, name, args: {}, type: "tool_call" as const });
const asks = (...ids: string[]) => new AIMessage({ content: "", tool_calls: ids.map((id) => call(id)) });
const answer = (id: string, content = `answer ${id}`) => new ToolMessage({ content, tool_call_id: id, name: "look" });
const outline = (messages: readonly BaseMessage[]) =>
  messages.map((message) => `${message.getType()} ${message.text}`.trim());

/** Messages whose tool calls and answers belong together, or nearly. */
const tangled = fc.array(
  fc.oneof(
    anyMessage,
    fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 }).map((ids) => asks(...ids)),
    fc.constantFrom("a", "b", "c").map((id) => answer(id)),
    fc.constant(new SystemMessage("Be brief.")),
    fc.constant(new AIMessage({ id: "1", content: [{ type: "reasoning", reasoning: "hm" }] as never })),
  ),
  { maxLength: 12 },
);

describe("providerValid", () => {
  it("makes of any conversation one that a strict provider accepts", async () => {
    await fc.assert(
      fc.asyncProperty(tangled, async (messages) => {
        const conversation = [...valid(...messages), new HumanMessage({ id: "last", content: "Go on." })];
        await expect(strictModel(says("Ok.")).invoke(conversation)).resolves.toBeDefined();
      }),
      { numRuns: 300 },
    );
  });

  it("leaves the messages that it is given as they are", () => {
    fc.assert(
      fc.property(tangled, (messages) => {
        const before = JSON.stringify(langchainCodec.encode(messages));
        valid(...messages);
        expect(JSON.stringify(langchainCodec.encode(messages))).toBe(before);
      }),
      { numRuns: 100 },
    );
  });

  it("answers calls that nobody answered, and says so", () => {
    expect(outline(valid(asks("a", "b"), answer("a"), new HumanMessage("next")))).toEqual([
      "ai",
      "tool answer a",
      "tool (no result was recorded)",
      "human next",
    ]);
  });

  it("puts late answers right behind their calls", () => {
    expect(outline(valid(asks("a"), new HumanMessage("meanwhile"), answer("a")))).toEqual([
      "ai",
      "tool answer a",
      "human meanwhile",
    ]);
  });

  it("keeps what an answer without a call says, as text", () => {
    expect(outline(valid(answer("gone")))).toEqual(["human result of look: answer gone"]);
  });

  it("tells apart calls of the same id, each with its own answer", () => {
    const messages = valid(asks("a"), answer("a", "first"), asks("a"), answer("a", "second"));
    expect(outline(messages)).toEqual(["ai", "tool first", "ai", "tool second"]);
    const ids = messages.flatMap((message) => (ToolMessage.isInstance(message) ? [message.tool_call_id] : []));
    expect(ids).toEqual(["a", "a_2"]);
  });

  it("drops reasoning, and messages that were nothing else", () => {
    const thinks = { type: "thinking", thinking: "hm", signature: "s" };
    const messages = valid(
      new AIMessage({ content: [thinks, { type: "text", text: "Yes." }] as never }),
      new AIMessage({ content: [thinks] as never }),
    );
    expect(messages.map(({ content }) => content)).toEqual([[{ type: "text", text: "Yes." }]]);
  });

  it("drops what a provider noted for itself", () => {
    const [message] = valid(
      new AIMessage({
        content: "Yes.",
        additional_kwargs: { reasoning: { id: "rs_1" } },
        response_metadata: { output: [{ type: "reasoning" }] },
      }),
    );
    expect(message?.additional_kwargs).toEqual({});
    expect(message?.response_metadata).toEqual({});
  });

  it("makes every system message text where an agent has its own", () => {
    expect(outline(providerValid([new SystemMessage("Be brief.")], { systemMessage: false }))).toEqual([
      "human system: Be brief.",
    ]);
  });

  it("keeps a system message in front, and makes later ones text", () => {
    expect(
      outline(valid(new SystemMessage("Be brief."), new HumanMessage("Hi"), new SystemMessage("Be long."))),
    ).toEqual(["system Be brief.", "human Hi", "human system: Be long."]);
  });

  it("gives every message an id of its own", () => {
    const same = () => new HumanMessage({ id: "0", content: "x" });
    expect(valid(same(), same()).map(({ id }) => id)).toEqual(["in-0", "in-1"]);
  });

  it("turns chunks, functions, roles and removals into what every provider knows", () => {
    const messages = valid(
      new AIMessageChunk("chunk"),
      new FunctionMessage({ name: "f", content: "function" }),
      new ChatMessage("role", "judge"),
      new RemoveMessage({ id: "x" }),
    );
    expect(messages.map((message) => message.constructor)).toEqual([AIMessage, HumanMessage, HumanMessage]);
  });
});
