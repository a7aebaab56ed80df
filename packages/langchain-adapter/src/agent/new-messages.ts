import { createHash } from "node:crypto";
import { type Codec, hasCode, type Json, type NewEntry } from "@agenthandoff/core";
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

  const isNew = (message: BaseMessage, json: Json): boolean => {
    const key = `${message.id ?? ""}:${createHash("sha256").update(JSON.stringify(json)).digest("hex")}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  };

  const look = (message: BaseMessage, keep: boolean): void => {
    // Each state repeats nearly all of the one before: encoding every message again would cost the square.
    const fields = Object.values(message);
    const before = unchanged.get(message);
    if (before?.length === fields.length && fields.every((field, index) => Object.is(field, before[index]))) return;
    unchanged.set(message, fields);
    const json = encodeLoosely(codec, message);
    if (json === undefined) {
      if (keep && before === undefined) collected.push(message);
    } else if (isNew(message, json) && keep) {
      // A copy, since agents change messages in place later.
      collected.push(codec.decode(json) as BaseMessage);
    }
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

/** Undefined: the adapter's classes do not suffice. The relay knows more of them, and refuses what nobody knows. */
function encodeLoosely(codec: Codec, message: BaseMessage): Json | undefined {
  try {
    return codec.encode(message);
  } catch (error) {
    if (hasCode(error, "NOT_SERIALIZABLE")) return undefined;
    throw error;
  }
}
