import { type Codec, canonicalValue } from "../../codec/index.js";
import { NonRetryableError } from "../../errors/index.js";
import { sha256 } from "../../protocol/index.js";
import type { RunSetting } from "../agent/run-setting.js";
import { isTurnResult, type Turn, turnResults } from "../agent/turn.js";
import type { Context } from "../context/context.js";

const MAX_ARGUMENTS_BYTES = 16 * 1024 * 1024;

type Decision = keyof typeof turnResults;

/** What an agent's `run` is given. */
export function createTurn(options: {
  readonly context: Context;
  readonly signal: AbortSignal;
  readonly attempt: Turn["attempt"];
  readonly codec: Codec;
  /** Told the name of each decision that the agent makes. */
  readonly onDecision?: (name: Decision) => void;
}): Turn {
  const { context, codec } = options;
  const occurrences = new Map<string, number>();
  const decided = <T>(name: Decision, result: T): T => {
    options.onDecision?.(name);
    return result;
  };
  return {
    context,
    signal: options.signal,
    attempt: options.attempt,
    handoff: (...given) => decided("handoff", turnResults.handoff(...given)),
    complete: (...given) => decided("complete", turnResults.complete(...given)),
    fail: (...given) => decided("fail", turnResults.fail(...given)),
    wait: (...given) => decided("wait", turnResults.wait(...given)),
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

/**
 * Runs an agent on a turn.
 * @throws NonRetryableError when it made a decision and forgot to return it, which would complete the task instead
 */
export async function runTurn(
  agent: { readonly name: string; run?(turn: Turn, setting?: RunSetting): unknown },
  { setting, ...options }: Omit<Parameters<typeof createTurn>[0], "onDecision"> & { readonly setting: RunSetting },
): Promise<unknown> {
  let decision: Decision | undefined;
  const turn = createTurn({
    ...options,
    onDecision: (name) => {
      decision = name;
    },
  });
  const returned = await agent.run?.(turn, setting);
  if (decision !== undefined && !isTurnResult(returned))
    throw new NonRetryableError(
      `${agent.name} called ${decision}(…) but did not return what it made; write: return ${decision}(…)`,
    );
  return returned;
}
