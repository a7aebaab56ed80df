import { AIMessage, BaseMessage, ToolMessage } from "@langchain/core/messages";

/** Deeper values help no model, and would exhaust the stack. */
const MAX_DEPTH = 64;
/** More than any model reads. Values that share parts can be exponentially longer in print than in memory. */
const MAX_CHARACTERS: number = 4 * 1024 * 1024;
const MORE = "(more)";

/** What is being written: in what, and how much may still follow. */
interface Writing {
  readonly above: readonly object[];
  readonly budget: { characters: number };
}

const begin = (): Writing => ({ above: [], budget: { characters: MAX_CHARACTERS } });

/** A value as a model can read it. Not lossless: the record is. */
export function textOf(value: unknown): string {
  return writeText(value, begin());
}

/** A message as text: who speaks, what is said, which tools are called. */
export function messageText(message: BaseMessage): string {
  return writeMessage(message, begin());
}

/** What a message says. Blocks that are no text are named, so that a reader knows that something was there. */
export function contentText(content: unknown): string {
  return writeContent(content, begin());
}

function writeText(value: unknown, writing: Writing): string {
  if (typeof value === "string") return value;
  if (BaseMessage.isInstance(value)) return writeMessage(value, writing);
  return JSON.stringify(readable(value, writing)) ?? String(value);
}

function writeMessage(message: BaseMessage, writing: Writing): string {
  const inside = enter(message, writing);
  if (typeof inside === "string") return inside;
  const said = writeContent(message.content, inside);
  if (ToolMessage.isInstance(message)) {
    const failed = message.status === "error" ? " (failed)" : "";
    return `result of ${nameOr(message.name, "a tool")}${failed}: ${said}`;
  }
  const calls = AIMessage.isInstance(message)
    ? toolCallsOf(message).map(({ name, args }) => `calls ${nameOr(name, "a tool")}(${writeText(args, inside)})`)
    : [];
  const speaker = message.type;
  return [said === "" && calls.length > 0 ? "" : `${nameOr(speaker, "message")}: ${said}`, ...calls]
    .filter((line) => line !== "")
    .join("\n");
}

// Messages may come from whoever can write a context, so no more is taken for granted than that they are messages.

/** The tool calls of a message, as far as they are any. */
export function toolCallsOf({ tool_calls: calls }: AIMessage): NonNullable<AIMessage["tool_calls"]> {
  return Array.isArray(calls) ? objectsOf(calls) : [];
}

/** What is in a list, without its holes, which may be without number; its own methods may stumble over its data. */
export function objectsOf<Item>(list: readonly Item[]): Item[] {
  return Object.values(list).filter((item) => typeof item === "object" && item !== null);
}

export function nameOr(name: unknown, otherwise: string): string {
  return typeof name === "string" ? name : otherwise;
}

function writeContent(content: unknown, writing: Writing): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return writeText(content, writing);
  return each(content, writing, (block) => writeBlock(block, writing))
    .filter((text) => text !== "")
    .join("\n");
}

function writeBlock(block: unknown, writing: Writing): string {
  if (typeof block !== "object" || block === null || BaseMessage.isInstance(block)) return writeText(block, writing);
  // Own properties only: a message has a getter for its text, which takes its content for what it should be.
  const { type, text, reasoning, thinking }: Record<string, unknown> = { ...block };
  if (type === "text" && typeof text === "string") return text;
  const thought = reasoning ?? thinking;
  if (typeof thought === "string") return `(thinks: ${thought})`;
  // Calls stand beside the content as well.
  if (type === "tool_call" || type === "tool_use") return "";
  return `(${nameOr(type, "block")})`;
}

/** Where the parts of a value are written; or what stands for a value whose parts are not. */
function enter(value: object, { above, budget }: Writing): Writing | string {
  if (above.includes(value)) return "(circular)";
  if (above.length >= MAX_DEPTH) return "(nested too deep to show)";
  return { above: [...above, value], budget };
}

/** As many items as there is room for. Never asks for more: an array may have four thousand million holes. */
function each<Item, Shown>(
  items: Iterable<Item>,
  { budget }: Writing,
  show: (item: Item) => Shown,
): (Shown | string)[] {
  const shown: (Shown | string)[] = [];
  for (const item of items) {
    if (budget.characters < 0) return [...shown, MORE];
    const part = show(item);
    budget.characters -= typeof part === "string" ? part.length + 1 : 4;
    shown.push(part);
  }
  return shown;
}

/** JSON-like data for what JSON cannot say. */
function readable(value: unknown, writing: Writing): unknown {
  if (typeof value === "bigint" || typeof value === "symbol" || typeof value === "function") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (BaseMessage.isInstance(value)) return writeMessage(value, writing);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "(invalid date)" : value.toISOString();
  if (value instanceof Error) return `${nameOr(value.name, "Error")}: ${nameOr(value.message, "")}`;
  if (value instanceof URL || value instanceof RegExp) return String(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `(${value.byteLength} bytes)`;
  const inside = enter(value, writing);
  if (typeof inside === "string") return inside;
  const part = (item: unknown): unknown => readable(item, inside);
  if (Array.isArray(value) || value instanceof Map || value instanceof Set)
    return each(value as Iterable<unknown>, writing, part);
  const properties = each(Object.entries(value), writing, ([key, item]) => {
    writing.budget.characters -= key.length + 3;
    const shown = part(item);
    writing.budget.characters -= typeof shown === "string" ? shown.length : 0;
    return [key, shown] as const;
  });
  return Object.fromEntries(properties.map((shown) => (typeof shown === "string" ? [MORE, true] : shown)));
}
