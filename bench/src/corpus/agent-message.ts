/** A message as agents exchange it: JSON, so that every system under test can keep it as it is. */
export interface AgentMessage {
  readonly id: string;
  readonly role: "user" | "assistant" | "tool";
  readonly content: string;
  readonly [field: string]: string | readonly ToolCall[];
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON, as models write it. */
  readonly arguments: string;
}

/** A message without its text, and text in plenty. */
export interface MessageDraft {
  readonly fields: Omit<AgentMessage, "content" | "id" | "role"> & Pick<AgentMessage, "id" | "role">;
  /** As much as is needed from its beginning becomes the content. */
  readonly text: string;
}

/** What `draft` needs at the least. */
export const LEAST_MESSAGE_BYTES = 500;

/**
 * The message whose JSON has exactly `bytes` bytes in UTF-8: long texts are cut, as agents cut a tool's output, and
 * short ones padded.
 * @throws RangeError when the other fields alone take more
 */
export function finishMessage({ fields, text }: MessageDraft, bytes: number): AgentMessage {
  const { id, role, ...more } = fields;
  const withContent = (content: string): AgentMessage => ({ id, role, content, ...more });
  const room = bytes - jsonBytes(withContent(""));
  if (room < 0) throw new RangeError(`a message of ${bytes} bytes has no room for its fields`);
  const kept = longestPrefix(text, room);
  // One byte each, and as compressible as what stands at the end of a padded table.
  return withContent(kept + " ".repeat(room - textBytes(kept)));
}

export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** The bytes of a text within JSON, its quotes left out. */
function textBytes(text: string): number {
  return jsonBytes(text) - 2;
}

/** The longest beginning of a text that takes at most `bytes` bytes within JSON. */
function longestPrefix(text: string, bytes: number): string {
  let low = 0;
  let high = Math.min(text.length, bytes);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (textBytes(beginning(text, middle)) <= bytes) low = middle;
    else high = middle - 1;
  }
  return beginning(text, low);
}

/** At most `units` UTF-16 units from a text's beginning, without half a character at the end. */
export function beginning(text: string, units: number): string {
  const end = text.charCodeAt(units - 1);
  const isHalf = end >= 0xd800 && end <= 0xdbff;
  return text.slice(0, isHalf ? units - 1 : units);
}
