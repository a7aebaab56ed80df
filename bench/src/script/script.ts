import type { AgentMessage } from "../corpus/agent-message.js";

/** What a chain says: the messages that each hop adds, hop 0 being the caller's request. Any system can play it. */
export interface Script {
  readonly hops: number;
  messagesOf(hop: number): readonly AgentMessage[];
}

/** Every message of a script, by hop. */
export function messagesByHop(script: Script): readonly (readonly AgentMessage[])[] {
  return Array.from({ length: script.hops }, (_, hop) => script.messagesOf(hop));
}

/** A script that adds given messages, or none where there are none. */
export function scriptOf(hops: number, messages: readonly (readonly AgentMessage[])[] = []): Script {
  return { hops, messagesOf: (hop) => messages[hop] ?? [] };
}
