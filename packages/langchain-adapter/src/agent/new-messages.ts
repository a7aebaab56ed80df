import { createHash } from "node:crypto";
import { type Codec, hasCode, type NewEntry } from "@agenthandoff/core";
import { BaseMessage } from "@langchain/core/messages";

export interface MessageCollector {
  /** Looks at one state of the conversation. */
  see(messages: unknown): void;
  /** Every message seen that was not known before, as it was when it was first seen, in the order of first sight. */
  entries(): readonly NewEntry[];
}

/**
 * Gathers what is new in a hop from all states that a run went through. The final state is not enough: a summarizer
 * removes messages, rewrites others under their own ids, and a person's edit changes a message in place.
 * Two messages are the same when both their id and their content are.
 */
export function messageCollector(codec: Codec, known: readonly unknown[]): MessageCollector {
  const seen = new Set<string>();
  const unchanged = new WeakMap<object, readonly unknown[]>();
  const collected: BaseMessage[] = [];

  const look = (message: BaseMessage, keep: boolean): void => {
    // Each state repeats nearly all of the one before: encoding every message again would cost the square.
    const fields = Object.values(message);
    const before = unchanged.get(message);
    if (before?.length === fields.length && fields.every((field, index) => Object.is(field, before[index]))) return;
    unchanged.set(message, fields);
    const key = keyOf(codec, message);
    if (key === undefined ? before !== undefined : seen.has(key)) return;
    if (key !== undefined) seen.add(key);
    // A copy, since agents change messages in place later.
    if (keep) collected.push(key === undefined ? message : (codec.decode(codec.encode(message)) as BaseMessage));
  };

  for (const message of known) if (BaseMessage.isInstance(message)) look(message, false);
  return {
    see(messages) {
      if (!Array.isArray(messages)) return;
      for (const message of messages) if (BaseMessage.isInstance(message)) look(message, true);
    },
    entries: () => collected.map((value) => ({ kind: "message", value })),
  };
}

/**
 * Names a message by its id and content. Undefined: the adapter's classes do not suffice to read it. The relay knows
 * more of them, and refuses what nobody knows.
 */
function keyOf(codec: Codec, message: BaseMessage): string | undefined {
  // The arguments of its constructor say nothing that the fields do not say.
  const fields = Object.entries(message).filter(([name]) => name !== "lc_kwargs");
  try {
    codec.encode(message);
    return createHash("sha256")
      .update(JSON.stringify(codec.encode(fields)))
      .digest("hex");
  } catch (error) {
    if (hasCode(error, "NOT_SERIALIZABLE")) return undefined;
    throw error;
  }
}
