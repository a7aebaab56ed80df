import type { Random } from "@agenthandoff/core";
import { seededRandom } from "@agenthandoff/core/memory";
import { type AgentMessage, finishMessage, LEAST_MESSAGE_BYTES, type MessageDraft } from "./agent-message.js";

/** Where the messages of a benchmark come from. */
export interface Corpus {
  readonly name: string;
  /**
   * What one hop adds: messages whose JSON takes exactly `bytes` bytes, `overhead` bytes counted for what stands around
   * each. The same arguments give the same messages, whatever was asked before.
   */
  messagesOf(hop: number, bytes: number, overhead: number): readonly AgentMessage[];
}

/** Neighbouring hops share nothing: their seeds lie this far apart. */
const SEEDS_A_HOP = 1_000_003;

export function createCorpus(name: string, seed: number, draft: (random: Random) => MessageDraft): Corpus {
  return {
    name,
    messagesOf(hop, bytes, overhead) {
      const random = seededRandom(seed + hop * SEEDS_A_HOP);
      const messages: AgentMessage[] = [];
      for (let rest = bytes; rest > 0; ) {
        const wanted = messageBytes(random);
        // What would be left has to hold a message too.
        const size = rest - wanted < LEAST_MESSAGE_BYTES + overhead ? rest : wanted;
        messages.push(finishMessage(draft(random), size - overhead));
        rest -= size;
      }
      return messages;
    },
  };
}

/** From a short remark to a long tool result, short ones more often. */
function messageBytes(random: Random): number {
  return Math.round(LEAST_MESSAGE_BYTES * 2 * 8 ** random.number());
}
