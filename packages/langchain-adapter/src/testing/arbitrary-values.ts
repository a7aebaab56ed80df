import { Document } from "@langchain/core/documents";
import {
  AIMessage,
  AIMessageChunk,
  type BaseMessage,
  ChatMessage,
  ChatMessageChunk,
  FunctionMessage,
  FunctionMessageChunk,
  HumanMessage,
  HumanMessageChunk,
  RemoveMessage,
  SystemMessage,
  SystemMessageChunk,
  ToolMessage,
  ToolMessageChunk,
} from "@langchain/core/messages";
import { ChatPromptValue, ImagePromptValue, StringPromptValue } from "@langchain/core/prompt_values";
import { Command, Overwrite, Send } from "@langchain/langgraph";
import fc from "fast-check";

/** Anything that a context can hold, apart from classes. */
const plain: fc.Arbitrary<unknown> = fc.anything({
  maxDepth: 2,
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withNullPrototype: true,
});
const record = fc.dictionary(fc.string(), plain, { maxKeys: 3 });
const text = fc.string({ unit: "binary" });

const block = fc.oneof(
  fc.record({ type: fc.constant("text"), text }),
  fc.record({ type: fc.constant("image_url"), image_url: fc.record({ url: fc.webUrl() }) }),
  fc.record({ type: fc.constant("image"), data: fc.uint8Array(), mimeType: fc.constant("image/png") }),
  fc.record({ type: fc.constant("reasoning"), reasoning: text }),
  fc.record({ type: fc.constant("thinking"), thinking: text, signature: text }),
  fc.record({ type: fc.constant("non_standard"), value: record }),
);
const content = fc.oneof(text, fc.array(block, { maxLength: 3 }));
const toolCall = fc.record({ name: text, args: record, id: text, type: fc.constant("tool_call" as const) });
const invalidToolCall = fc.record({
  name: text,
  args: text,
  error: text,
  type: fc.constant("invalid_tool_call" as const),
});
const usage = fc.record({ input_tokens: fc.nat(), output_tokens: fc.nat(), total_tokens: fc.nat() });
const base = { content, id: fc.string(), name: fc.string(), additional_kwargs: record, response_metadata: record };
const chunk = { name: text, args: fc.oneof(text, fc.json()), id: text, index: fc.nat() };

function fields<T extends Record<string, fc.Arbitrary<unknown>>>(model: T): fc.Arbitrary<Record<string, unknown>> {
  return fc.record({ ...base, ...model } as typeof base, {
    requiredKeys: ["content", ...Object.keys(model).filter((key) => REQUIRED.has(key))] as "content"[],
  });
}
const REQUIRED = new Set(["tool_call_id", "role", "name"]);

// The generated fields are looser than the constructors' types, as what providers return is.
type Make = (fields: never) => BaseMessage;
const made = (model: Record<string, fc.Arbitrary<unknown>>, make: Make) =>
  fields(model).map((each) => make(each as never));
const tool = { tool_call_id: text, artifact: plain, status: fc.constantFrom("success", "error"), metadata: record };
const ai = {
  tool_calls: fc.array(toolCall, { maxLength: 2 }),
  invalid_tool_calls: fc.array(invalidToolCall, { maxLength: 2 }),
  usage_metadata: usage,
};
const blocks = fc.array(block, { maxLength: 3 });

const fresh: fc.Arbitrary<BaseMessage> = fc.oneof(
  made({}, (each) => new HumanMessage(each)),
  made({}, (each) => new HumanMessageChunk(each)),
  made({}, (each) => new SystemMessage(each)),
  made({}, (each) => new SystemMessageChunk(each)),
  made(ai, (each) => new AIMessage(each)),
  blocks.map((contentBlocks) => new AIMessage({ contentBlocks: contentBlocks as never })),
  made(ai, (each) => new AIMessageChunk(each)),
  made({ tool_call_chunks: fc.array(fc.record(chunk), { maxLength: 3 }) }, (each) => new AIMessageChunk(each)),
  made(tool, (each) => new ToolMessage(each)),
  made(tool, (each) => new ToolMessageChunk(each)),
  made({ name: text }, (each) => new FunctionMessage(each)),
  made({ name: text }, (each) => new FunctionMessageChunk(each)),
  made({ role: text }, (each) => new ChatMessage(each)),
  made({ role: text }, (each) => new ChatMessageChunk(each)),
  text.map((id) => new RemoveMessage({ id })),
);

/** Fields set, changed or removed after construction, as agents and middleware do. */
const later = fc.record(
  {
    name: text,
    id: text,
    usage_metadata: usage,
    artifact: plain,
    content,
    tool_calls: fc.array(toolCall, { maxLength: 2 }),
    mine: plain,
  },
  { requiredKeys: [] },
);

/** A message of any class. */
export const messages: fc.Arbitrary<BaseMessage> = fc
  .tuple(fresh, later, fc.boolean())
  .map(([message, changes, forget]) => {
    Object.assign(message, changes);
    if (forget) Reflect.deleteProperty(message, "name");
    return message;
  });

/** An instance of any class of the table. */
export const instances: fc.Arbitrary<object> = fc.oneof(
  { weight: 6, arbitrary: messages },
  fc
    .record({ pageContent: text, metadata: record, id: text }, { requiredKeys: ["pageContent"] })
    .map((each) => new Document(each)),
  text.map((each) => new StringPromptValue(each)),
  fc.array(messages, { maxLength: 2 }).map((each) => new ChatPromptValue(each)),
  fc.webUrl().map((url) => new ImagePromptValue({ url })),
  fc.tuple(text, plain).map(([node, args]) => new Send(node, args)),
  plain.map((each) => new Overwrite(each)),
  fc
    .record(
      {
        update: fc.oneof(
          record,
          fc.array(messages, { maxLength: 2 }).map((each) => ({ messages: each })),
        ),
        resume: plain,
        goto: fc.oneof(text, fc.array(text)),
        graph: fc.constant(Command.PARENT),
      },
      { requiredKeys: [] },
    )
    .map((each) => new Command(each as never)),
);

/** Instances inside one another and inside plain values, shared here and there. */
export const values: fc.Arbitrary<unknown> = fc
  .tuple(fc.array(instances, { maxLength: 4 }), plain)
  .map(([each, other]) => ({
    each,
    again: each[0],
    map: new Map(each.map((instance, index) => [index, instance])),
    inside: each.map((instance) => new ToolMessage({ content: "", tool_call_id: "", artifact: { instance, other } })),
  }));
