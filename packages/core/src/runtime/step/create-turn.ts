import { type Codec, canonicalValue } from "../../codec/index.js";
import { sha256 } from "../../protocol/index.js";
import { type Turn, turnResults } from "../agent/turn.js";
import type { Context } from "../context/context.js";

const MAX_ARGUMENTS_BYTES = 16 * 1024 * 1024;

/** What an agent's `run` is given. */
export function createTurn(options: {
  readonly context: Context;
  readonly signal: AbortSignal;
  readonly attempt: Turn["attempt"];
  readonly codec: Codec;
}): Turn {
  const { context, codec } = options;
  const occurrences = new Map<string, number>();
  return {
    context,
    signal: options.signal,
    attempt: options.attempt,
    ...turnResults,
    idempotencyKey(tool, args) {
      const call = JSON.stringify([
        context.relayId,
        context.taskId,
        context.step,
        tool,
        canonicalValue(codec, args, { maxBytes: MAX_ARGUMENTS_BYTES }),
      ]);
      const occurrence = occurrences.get(call) ?? 0;
      occurrences.set(call, occurrence + 1);
      return sha256(`${call}\n${occurrence}`);
    },
  };
}
