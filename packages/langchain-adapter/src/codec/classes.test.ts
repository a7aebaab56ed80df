import { createRequire } from "node:module";
import { hasCode, type Json } from "@agenthandoff/core";
import * as documents from "@langchain/core/documents";
import * as messages from "@langchain/core/messages";
import { AIMessage, HumanMessage } from "@langchain/core/messages";
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

  it("knows a copy that a bundler made, with other names for classes and their parents", () => {
    const copy = (Class: object, header: string) =>
      new Function("Base3", `return ${String(Class).replace(/^class.*?\{/, `${header} {`)}`)(messages.BaseMessage);
    const Human = copy(messages.HumanMessage, "class Human2 extends Base3") as typeof messages.HumanMessage;
    const Document = copy(documents.Document, "class Document2") as typeof documents.Document;
    expect(Human).not.toBe(messages.HumanMessage);
    expect(langchainCodec.encode(new Human("hello"))).toEqual(langchainCodec.encode(ours.HumanMessage));
    expect(threeHops(new Document({ pageContent: "hello" }))).toEqual(new documents.Document({ pageContent: "hello" }));
  });

  it("refuses other classes that only resemble one", () => {
    class Document {
      pageContent = "text";
      metadata = {};
      id = undefined;
    }
    class Ai extends messages.BaseMessage {
      readonly type = "ai";
      static override lc_name(): string {
        return "AIMessage";
      }
    }
    class Remove extends messages.BaseMessage {
      readonly type = "remove";
    }
    for (const each of [new Document(), new Ai("hello"), new Remove({ content: [], id: "m1" })]) {
      expect(() => langchainCodec.encode(each)).toThrow(expect.objectContaining({ code: "NOT_SERIALIZABLE" }));
    }
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
