import {
  AIMessage,
  type BaseMessage,
  HumanMessage,
  type MessageContent,
  SystemMessage,
  ToolMessage,
} from "@langchain/core/messages";
import { contentText, messageText, nameOr, objectsOf, textOf, toolCallsOf } from "./text.js";

const PORTABLE_BLOCKS = new Set(["text", "image", "image_url", "audio", "video", "file", "input_audio"]);
const PORTABLE_NAME = /^[\w-]{1,64}$/;
const NO_RESULT = "(no result was recorded)";

export interface ValidOptions {
  /** What the ids of the new messages begin with. */
  readonly idPrefix?: string;
  /** Whether the first message may be a system message: not where an agent puts its own in front. Default true. */
  readonly systemMessage?: boolean;
}

/**
 * The same conversation, as every provider accepts it from a model that did not write it: each tool call has its
 * answer right behind it and each answer its call, no reasoning blocks, one system message at most and in front, no
 * id twice. What cannot stay as it is stays as text.
 * Makes new messages; those that are given stay as they are.
 */
export function providerValid(messages: readonly BaseMessage[], options: ValidOptions = {}): BaseMessage[] {
  const { idPrefix = "message-", systemMessage = true } = options;
  const results = messages.filter((message) => ToolMessage.isInstance(message));
  const callIds = new Set<string>();
  const valid: BaseMessage[] = [];
  for (const [index, message] of messages.entries()) {
    if (AIMessage.isInstance(message)) {
      valid.push(...aiTurn(message, messages.slice(index + 1), results, callIds));
    } else if (SystemMessage.isInstance(message) && systemMessage && valid.length === 0) {
      valid.push(new SystemMessage({ content: message.content }));
    } else if (HumanMessage.isInstance(message)) {
      valid.push(new HumanMessage({ content: portable(message.content), ...portableName(message) }));
    } else if (message.type !== "remove" && !ToolMessage.isInstance(message)) {
      valid.push(new HumanMessage(messageText(message)));
    } else if (ToolMessage.isInstance(message) && results.includes(message)) {
      // Nobody called for it, or the call is gone: what it says is kept as text.
      results.splice(results.indexOf(message), 1);
      valid.push(new HumanMessage(messageText(message)));
    }
  }
  for (const [index, message] of valid.entries()) message._updateId(`${idPrefix}${index}`);
  return valid;
}

/** A model's message, and the answers to its calls. Answers that are used are taken from `results`. */
function aiTurn(
  message: AIMessage,
  later: readonly BaseMessage[],
  results: ToolMessage[],
  callIds: Set<string>,
): BaseMessage[] {
  const answers: ToolMessage[] = [];
  const calls = toolCallsOf(message).map(({ id: givenId, name: givenName, args }) => {
    const name = nameOr(givenName, "unknown");
    const at = results.findIndex((result) => result.tool_call_id === givenId && later.includes(result));
    const [result] = at === -1 ? [] : results.splice(at, 1);
    const id = unusedId(nameOr(givenId, name), callIds);
    answers.push(
      new ToolMessage({
        tool_call_id: id,
        name,
        content: result === undefined ? NO_RESULT : portable(result.content),
        status: result?.status ?? "error",
      }),
    );
    return { type: "tool_call" as const, id, name, args };
  });
  const content = portable(message.content);
  if (contentText(content) === "" && calls.length === 0) return [];
  return [new AIMessage({ content, tool_calls: calls, ...portableName(message) }), ...answers];
}

function unusedId(wanted: string, used: Set<string>): string {
  let id = wanted;
  for (let count = 2; used.has(id); count++) id = `${wanted}_${count}`;
  used.add(id);
  return id;
}

function portableName({ name }: BaseMessage): { name?: string } {
  return typeof name === "string" && PORTABLE_NAME.test(name) ? { name } : {};
}

/** Without blocks that only their own provider understands, and without what it noted on the others. */
function portable(content: MessageContent): MessageContent {
  if (typeof content === "string") return content;
  // Whatever else a message may hold that nobody of LangChain's wrote.
  if (!Array.isArray(content)) return contentText(content);
  const blocks = objectsOf(content)
    .filter(({ type }) => PORTABLE_BLOCKS.has(type))
    .map((block) => ({ ...block }));
  return blocks.map((block) => (block.type === "text" ? { type: "text", text: textOf(block.text) } : block));
}
