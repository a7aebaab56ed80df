import type { Json } from "@agenthandoff/core";
import * as documents from "@langchain/core/documents";
import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
} from "@langchain/core/messages";
import * as langgraph from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { langchainCodec } from "./langchain-codec.js";

/** What a value is after it was stored and read at three hops in a row. */
function threeHops(value: unknown): unknown {
  let current = value;
  for (let hop = 0; hop < 3; hop++)
    current = langchainCodec.decode(JSON.parse(JSON.stringify(langchainCodec.encode(current))) as Json);
  return current;
}

/** Kinds of values that LangChain's own serializers change or lose. */
const kinds: Record<string, () => unknown> = {
  "a Date": () => new Date(0),
  "an invalid Date": () => new Date(Number.NaN),
  "a Map": () =>
    new Map<unknown, unknown>([
      [{ key: 1 }, "a"],
      ["b", new Map()],
    ]),
  "a Set": () => new Set([1, "a", { deep: true }]),
  "a RegExp": () => /a+/giu,
  "a URL": () => new URL("https://example.org/?q=1"),
  "an Error with code and cause": () =>
    Object.assign(new RangeError("far", { cause: new Error("why") }), { code: "E_FAR" }),
  "a Uint8Array": () => new Uint8Array([1, 2, 255]),
  "a Float64Array": () => new Float64Array([1.5, Number.NaN]),
  "a Buffer": () => Buffer.from("bytes"),
  "an ArrayBuffer": () => new Uint8Array([9, 8]).buffer,
  "a DataView": () => new DataView(new Uint8Array([7]).buffer),
  "a bigint": () => 2n ** 80n,
  NaN: () => Number.NaN,
  Infinity: () => -Infinity,
  "minus zero": () => -0,
  "an undefined key": () => ({ here: undefined }),
  "an own __proto__ key": () => JSON.parse('{"__proto__": {"polluted": true}}') as unknown,
  "an array with holes": () => Object.assign([1], { 2: 3 }),
  "a lone surrogate": () => "\ud800",
  "a Document": () => new documents.Document({ pageContent: "text", metadata: { at: new Date(1) } }),
  "another message": () => new AIMessage({ content: "inner", tool_calls: [{ id: "c", name: "t", args: {} }] }),
  "a Command": () => new langgraph.Command({ update: { at: new Date(2) } }),
  "a Send": () => new langgraph.Send("node", { n: 1n }),
  "LangChain's form of a message": () => ({
    lc: 1,
    type: "constructor",
    id: ["langchain_core", "messages", "AIMessage"],
    kwargs: { content: "x" },
  }),
  "LangChain's form of a secret": () => ({ lc: 1, type: "secret", id: ["PATH"] }),
  "LangChain's escape": () => ({ __lc_escaped__: { lc: 1 } }),
  "LangGraph's form of a Send": () => ({ lg_name: "Send", node: "a", args: {} }),
  "our own reserved key": () => ({ $ah: "class", name: "langchain.AIMessage", value: {} }),
};

/** Places in a message where such a value can stand. */
const places: Record<string, (value: unknown) => BaseMessage> = {
  "a content block": (value) => new HumanMessage({ content: [{ type: "non_standard", value }] as never }),
  additional_kwargs: (value) => new HumanMessage({ content: "", additional_kwargs: { value } }),
  response_metadata: (value) => new AIMessage({ content: "", response_metadata: { value } }),
  "a tool call's arguments": (value) =>
    new AIMessage({ content: "", tool_calls: [{ id: "c", name: "t", args: { value } }] }),
  "a tool's artifact": (value) => new ToolMessage({ content: "", tool_call_id: "c", artifact: value }),
  "a field of the user's own": (value) => Object.assign(new SystemMessage(""), { mine: value }),
};

describe.each(Object.keys(places))("in %s", (place) => {
  it.each(Object.keys(kinds))("keeps %s", (kind) => {
    const message = (places[place] as (value: unknown) => BaseMessage)(kinds[kind]?.());
    expect(threeHops(message)).toStrictEqual(message);
  });

  it("refuses a function, with its path", () => {
    const message = (places[place] as (value: unknown) => BaseMessage)({ callback() {} });
    expect(() => langchainCodec.encode(message)).toThrow(/a function at \$.*\.callback/);
  });
});

describe("a message", () => {
  it.each(["name", "id", "usage_metadata", "artifact", "content", "response_metadata"])(
    "keeps %s when it was set after construction",
    (field) => {
      const message = new AIMessage("before");
      Object.assign(message, { [field]: { set: "later" } });
      expect(threeHops(message)).toStrictEqual(message);
    },
  );

  it("keeps that an argument differs from the field made from it", () => {
    const message = new AIMessage({ content: "first", id: "a" });
    message.content = "second";
    const back = threeHops(message) as AIMessage;
    expect(back).toStrictEqual(message);
    expect(back.lc_kwargs.content).toBe("first");
  });

  it("keeps that a field and an argument are one object", () => {
    const back = threeHops(new AIMessage({ content: "", additional_kwargs: { a: 1 } })) as AIMessage;
    expect(back.lc_kwargs.additional_kwargs).toBe(back.additional_kwargs);
  });

  it("keeps content that was given as blocks", () => {
    const message = new AIMessage({
      contentBlocks: [
        { type: "text", text: "hello" },
        { type: "reasoning", reasoning: "hm" },
      ],
    });
    const back = threeHops(message) as AIMessage;
    expect(back).toStrictEqual(message);
    expect(back.text).toBe("hello");
  });

  it("keeps an artifact nested five thousand levels deep", () => {
    let artifact: unknown = "bottom";
    for (let level = 0; level < 5_000; level++) artifact = { artifact };
    const json = langchainCodec.encode(new ToolMessage({ content: "", tool_call_id: "c", artifact }));
    const back = langchainCodec.decode(json) as ToolMessage;
    let level = 0;
    for (let at: unknown = back.artifact; at !== "bottom"; at = (at as { artifact: unknown }).artifact) level++;
    expect(level).toBe(5_000);
  });

  it("keeps the tool calls that a chunk makes of its pieces, and still joins other chunks", () => {
    const piece = (args: string) =>
      new AIMessageChunk({ content: "", tool_call_chunks: [{ index: 0, id: "c", name: "t", args }] });
    const back = threeHops(piece('{"a":')) as AIMessageChunk;
    expect(back.concat(piece("1}")).tool_calls?.map(({ args }) => args)).toEqual([{ a: 1 }]);
  });

  it("keeps a field that was deleted deleted", () => {
    const message = new HumanMessage("hello");
    Reflect.deleteProperty(message, "name");
    expect(Object.hasOwn(threeHops(message) as object, "name")).toBe(false);
  });

  it("keeps a message that was made from another message", () => {
    const message = new SystemMessage(new SystemMessage("hello"));
    expect(threeHops(message)).toStrictEqual(message);
  });

  it("still works as a message afterwards", () => {
    const back = threeHops(
      new AIMessage({ content: "hello", tool_calls: [{ id: "c", name: "t", args: {} }] }),
    ) as AIMessage;
    expect(AIMessage.isInstance(back)).toBe(true);
    expect(back.getType()).toBe("ai");
    expect(back.toDict()).toEqual(
      new AIMessage({ content: "hello", tool_calls: [{ id: "c", name: "t", args: {} }] }).toDict(),
    );
  });

  it.each([
    ["a symbol as a key", (message: HumanMessage) => Object.assign(message, { [Symbol("mine")]: 1 })],
    [
      "an accessor",
      (message: HumanMessage) => Object.defineProperty(message, "late", { get: () => 1, enumerable: true }),
    ],
    ["a hidden property", (message: HumanMessage) => Object.defineProperty(message, "hidden", { value: 1 })],
    ["a name that the codec needs", (message: HumanMessage) => Object.assign(message, { lc_absent: [] })],
    ["a cycle", (message: HumanMessage) => Object.assign(message.additional_kwargs, { message })],
  ])("is refused with %s", (_title, spoil) => {
    const message = new HumanMessage("hello");
    spoil(message);
    expect(() => langchainCodec.encode([message])).toThrow(expect.objectContaining({ code: "NOT_SERIALIZABLE" }));
  });
});
