import { createRequire } from "node:module";
import { hasCode, type Json } from "@agenthandoff/core";
import * as documents from "@langchain/core/documents";
import * as messages from "@langchain/core/messages";
import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
} from "@langchain/core/messages";
import * as prompts from "@langchain/core/prompt_values";
import * as langgraph from "@langchain/langgraph";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instances, values } from "../testing/arbitrary-values.js";
import { langchainClasses } from "./classes.js";
import { langchainCodec } from "./langchain-codec.js";

/** What a value is after it was stored and read at three hops in a row. */
function threeHops(value: unknown): unknown {
  let current = value;
  for (let hop = 0; hop < 3; hop++)
    current = langchainCodec.decode(JSON.parse(JSON.stringify(langchainCodec.encode(current))) as Json);
  return current;
}

/** The same samples, made by the classes of one build of LangChain. */
function samples(
  core: typeof messages & typeof documents & typeof prompts,
  graph: typeof langgraph,
): Record<string, object> {
  return {
    HumanMessage: new core.HumanMessage("hello"),
    HumanMessageChunk: new core.HumanMessageChunk("hello"),
    AIMessage: new core.AIMessage("hello"),
    AIMessageChunk: new core.AIMessageChunk("hello"),
    SystemMessage: new core.SystemMessage("hello"),
    SystemMessageChunk: new core.SystemMessageChunk("hello"),
    ToolMessage: new core.ToolMessage("hello", "call", "tool"),
    ToolMessageChunk: new core.ToolMessageChunk({ content: "hello", tool_call_id: "call" }),
    FunctionMessage: new core.FunctionMessage({ content: "hello", name: "tool" }),
    FunctionMessageChunk: new core.FunctionMessageChunk({ content: "hello", name: "tool" }),
    ChatMessage: new core.ChatMessage("hello", "judge"),
    ChatMessageChunk: new core.ChatMessageChunk("hello", "judge"),
    RemoveMessage: new core.RemoveMessage({ id: "m1" }),
    StringPromptValue: new core.StringPromptValue("hello"),
    ChatPromptValue: new core.ChatPromptValue([new core.HumanMessage("hello")]),
    ImagePromptValue: new core.ImagePromptValue({ url: "https://example.org/a.png", detail: "low" }),
    Document: new core.Document({ pageContent: "hello", metadata: { page: 1 }, id: "d1" }),
    Command: new graph.Command({
      graph: graph.Command.PARENT,
      update: { a: 1 },
      goto: ["a", new graph.Send("b", { c: 1 })],
    }),
    Send: new graph.Send("node", { a: 1 }, { timeout: 500 }),
    Overwrite: new graph.Overwrite([1]),
  };
}
const ours = samples({ ...messages, ...documents, ...prompts } as never, langgraph);
const names = Object.keys(ours);

describe("langchainClasses", () => {
  it("has a row for each class of the samples, and no other", () => {
    expect(langchainClasses.map(({ name }) => name).toSorted()).toEqual(
      names.map((name) => `langchain.${name}`).toSorted(),
    );
  });

  it.each(names)("keeps a %s", (name) => {
    const back = threeHops(ours[name]);
    expect(back).toStrictEqual(ours[name]);
    expect(Object.getPrototypeOf(back)).toBe(Object.getPrototypeOf(ours[name]));
  });

  it.each(names)("knows a %s that the CommonJS build made", (name) => {
    const require = createRequire(import.meta.url);
    const core = ["messages", "documents", "prompt_values"].map((part) => require(`@langchain/core/${part}`) as object);
    const theirs = samples(Object.assign({}, ...core), require("@langchain/langgraph"))[name] as object;
    expect(Object.getPrototypeOf(theirs)).not.toBe(Object.getPrototypeOf(ours[name]));
    expect(langchainCodec.encode(theirs)).toEqual(langchainCodec.encode(ours[name]));
  });

  it.each(names)("refuses a subclass of %s, with the path, rather than change its class", (name) => {
    const Parent = (ours[name] as object).constructor as new (...args: unknown[]) => object;
    class Custom extends Parent {}
    const custom = Object.create(Custom.prototype, Object.getOwnPropertyDescriptors(ours[name]));
    const attempt = () => langchainCodec.encode({ list: [0, custom] });
    expect(attempt).toThrow(/Custom.* at \$\.list\[1\]/);
    expect(attempt).toThrow(expect.objectContaining({ code: "NOT_SERIALIZABLE", path: "$.list[1]" }));
  });

  it("refuses a subclass that calls itself by its parent's name", () => {
    const Named = { AIMessage: class AIMessage extends messages.AIMessage {} }.AIMessage;
    expect(() => langchainCodec.encode(new Named("hello"))).toThrow(
      expect.objectContaining({ code: "NOT_SERIALIZABLE" }),
    );
  });

  it("keeps every instance that a generator makes, three hops deep", () => {
    fc.assert(
      fc.property(instances, (instance) => {
        expect(threeHops(instance)).toStrictEqual(instance);
      }),
      { numRuns: 400 },
    );
  });

  it("keeps instances inside one another, their sharing included", () => {
    fc.assert(
      fc.property(values, (value) => {
        const back = threeHops(value) as { each: unknown[]; again: unknown; map: Map<number, unknown> };
        expect(back).toStrictEqual(value);
        expect(back.again).toBe(back.each[0]);
        for (const [index, each] of back.map) expect(each).toBe(back.each[index]);
      }),
      { numRuns: 150 },
    );
  });

  it("writes a message as a person would read it", () => {
    const message = new AIMessage({
      content: "Two files.",
      id: "m1",
      tool_calls: [{ id: "c1", name: "list", args: { path: "/" } }],
    });
    expect(langchainCodec.encode(message)).toEqual({
      $ah: "class",
      name: "langchain.AIMessage",
      value: { id: "m1", content: "Two files.", tool_calls: [{ id: "c1", name: "list", args: { path: "/" } }] },
    });
  });
});

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

describe("decoding", () => {
  const parts = (name: string, value: Json): Json => ({ $ah: "class", name, value });

  it.each(["langchain.Runnable", "AIMessage", "langchain_core.messages.AIMessage", "constructor", "__proto__"])(
    "knows no class %s, whatever the data says",
    (name) => {
      try {
        langchainCodec.decode(parts(name, { content: "x" }));
        expect.unreachable();
      } catch (error) {
        expect(hasCode(error, "NOT_UNDERSTOOD")).toBe(true);
      }
    },
  );

  it.each<[string, Json]>([
    ["parts that are no object", "text"],
    ["arguments that are no object", { content: "", lc_kwargs: 1 }],
    ["arguments without their names", { content: "", lc_kwargs: { same: "content" } }],
    ["an argument that names no field", { content: "", lc_kwargs: { same: ["constructor"] } }],
    ["other arguments that are no object", { content: "", lc_kwargs: { same: [], other: [] } }],
    ["absent fields that are no list", { content: "", lc_absent: "id" }],
  ])("refuses %s", (_title, value) => {
    expect(() => langchainCodec.decode(parts("langchain.AIMessage", value))).toThrow(
      expect.objectContaining({ code: "CONTEXT_INTEGRITY" }),
    );
  });

  it("assigns through no setter and no prototype", () => {
    const value = JSON.parse(
      '{"content":"","text":"own","__proto__":{"polluted":true},"lc_kwargs":{"same":[],"other":{"__proto__":1}}}',
    ) as Json;
    const back = langchainCodec.decode(parts("langchain.HumanMessage", value)) as HumanMessage;
    expect(Object.getPrototypeOf(back)).toBe(HumanMessage.prototype);
    expect(Object.hasOwn(back, "text") && Object.hasOwn(back, "__proto__")).toBe(true);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
});
