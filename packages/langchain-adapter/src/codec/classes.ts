import type { ClassCodec } from "@agenthandoff/core";
import { Document } from "@langchain/core/documents";
import {
  AIMessage,
  AIMessageChunk,
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
import { type ClassShape, fieldCodec } from "./fields.js";
import { createClassTable } from "./twin.js";

const MESSAGE_MARK = Symbol.for("langchain.message");
/** Where a Command keeps the arguments of its constructor. */
const COMMAND_ARGUMENTS = Symbol.for("langgraph.command");

/** A new instance without what every instance has of its own, so that those fields are always written. */
function template<T extends object>(instance: T, ...own: readonly (keyof T)[]): T {
  for (const key of own) Object.defineProperty(instance, key, { value: undefined, enumerable: true });
  return instance;
}

function message(name: string, instance: object): ClassShape {
  return { name: `langchain.${name}`, template: instance, mirror: "lc_kwargs", marks: [MESSAGE_MARK] };
}

function serializable(name: string, instance: object): ClassShape {
  return { name: `langchain.${name}`, template: instance, mirror: "lc_kwargs" };
}

const toolFields = { content: "", tool_call_id: "" };
const shapes: readonly ClassShape[] = [
  message("HumanMessage", template(new HumanMessage(""), "content")),
  message("HumanMessageChunk", template(new HumanMessageChunk(""), "content")),
  message("AIMessage", template(new AIMessage(""), "content")),
  message("AIMessageChunk", template(new AIMessageChunk(""), "content")),
  message("SystemMessage", template(new SystemMessage(""), "content")),
  message("SystemMessageChunk", template(new SystemMessageChunk(""), "content")),
  message("ToolMessage", template(new ToolMessage({ ...toolFields }), "content", "tool_call_id")),
  message("ToolMessageChunk", template(new ToolMessageChunk({ ...toolFields }), "content", "tool_call_id")),
  message("FunctionMessage", template(new FunctionMessage({ content: "", name: "" }), "content", "name")),
  message("FunctionMessageChunk", template(new FunctionMessageChunk({ content: "", name: "" }), "content", "name")),
  message("ChatMessage", template(new ChatMessage("", ""), "content", "role")),
  message("ChatMessageChunk", template(new ChatMessageChunk("", ""), "content", "role")),
  message("RemoveMessage", template(new RemoveMessage({ id: "" }), "id")),
  serializable("StringPromptValue", template(new StringPromptValue(""), "value")),
  serializable("ChatPromptValue", template(new ChatPromptValue([]), "messages")),
  serializable("ImagePromptValue", template(new ImagePromptValue({ url: "" }), "imageUrl")),
  { name: "langchain.Document", template: template(new Document({ pageContent: "" }), "pageContent") },
  { name: "langchain.Command", template: new Command({}), mirror: COMMAND_ARGUMENTS },
  { name: "langchain.Send", template: template(new Send("", undefined), "node") },
  { name: "langchain.Overwrite", template: template(new Overwrite(undefined)) },
];

const table = createClassTable(new Map(shapes.map(({ name, template }) => [name, Object.getPrototypeOf(template)])));

/**
 * Every class of LangChain and LangGraph that a context can hold: messages and chunks, documents, prompt values and
 * commands. A closed list: a subclass of one of them is not one of them, and is refused rather than changed.
 */
export const langchainClasses: readonly ClassCodec[] = shapes.map((shape) => fieldCodec(shape, () => table));
