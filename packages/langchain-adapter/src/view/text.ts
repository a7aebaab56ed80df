import { AIMessage, BaseMessage, ToolMessage } from "@langchain/core/messages";

/** Deeper values help no model, and would exhaust the stack. */
const MAX_DEPTH = 64;

/** A value as a model can read it. Not lossless: the record is. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (BaseMessage.isInstance(value)) return messageText(value);
  return JSON.stringify(readable(value, [])) ?? String(value);
}

/** A message as text: who speaks, what is said, which tools are called. */
export function messageText(message: BaseMessage): string {
  const said = contentText(message.content);
  if (ToolMessage.isInstance(message)) {
    const failed = message.status === "error" ? " (failed)" : "";
    return `result of ${message.name ?? "a tool"}${failed}: ${said}`;
  }
  const calls = AIMessage.isInstance(message)
    ? (message.tool_calls ?? []).map(({ name, args }) => `calls ${name}(${textOf(args)})`)
    : [];
  const speaker = message.getType();
  return [said === "" && calls.length > 0 ? "" : `${speaker}: ${said}`, ...calls]
    .filter((line) => line !== "")
    .join("\n");
}

/** What a message says. Blocks that are no text are named, so that a reader knows that something was there. */
export function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return textOf(content);
  return content
    .map(blockText)
    .filter((text) => text !== "")
    .join("\n");
}

function blockText(block: unknown): string {
  if (typeof block !== "object" || block === null) return textOf(block);
  const { type, text, reasoning, thinking } = block as Record<string, unknown>;
  if (type === "text" && typeof text === "string") return text;
  const thought = reasoning ?? thinking;
  if (typeof thought === "string") return `(thinks: ${thought})`;
  // Calls stand beside the content as well.
  if (type === "tool_call" || type === "tool_use") return "";
  return `(${typeof type === "string" ? type : "block"})`;
}

/** JSON-like data for what JSON cannot say. */
function readable(value: unknown, above: readonly object[]): unknown {
  if (typeof value === "bigint" || typeof value === "symbol" || typeof value === "function") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (above.includes(value)) return "(circular)";
  if (above.length >= MAX_DEPTH) return "(nested too deep to show)";
  const inside = [...above, value];
  const each = (item: unknown) => readable(item, inside);
  if (BaseMessage.isInstance(value)) return messageText(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "(invalid date)" : value.toISOString();
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value instanceof URL || value instanceof RegExp) return String(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `(${value.byteLength} bytes)`;
  if (value instanceof Map) return [...value].map(each);
  if (value instanceof Set || Array.isArray(value)) return [...value].map(each);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, each(item)]));
}
