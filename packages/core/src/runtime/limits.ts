import { ContextTooLargeError, type HandoffError, InvalidTransitionError } from "../errors/index.js";
import { serializeEnvelope } from "../protocol/index.js";
import { committedEvent } from "./audit/events.js";
import type { BuiltHandoff } from "./build-handoff.js";
import type { TaskChain } from "./chain/task-chain.js";
import type { RelayEnvironment } from "./environment.js";
import { envelopeFor } from "./send.js";

/** Why what follows a handoff could not be done, or `undefined`. `fail` and `cancel` must always be possible. */
export function beyondLimits(
  environment: RelayEnvironment,
  chain: TaskChain,
  { handoff }: BuiltHandoff,
): HandoffError | undefined {
  const { limits, backend } = environment;
  const { decision, hop } = handoff.record;
  if (decision.kind === "fail" || decision.kind === "cancel") return undefined;
  if (decision.kind === "handoff" && hop >= limits.maxHops)
    return new InvalidTransitionError(`the task would go beyond ${limits.maxHops} hops (maxHops)`);
  const envelope = envelopeFor(environment, handoff);
  const sizes = [
    ["the task's context (maxContextBytes)", chain.rawBytes + handoff.raw.length, limits.maxContextBytes],
    [
      "the envelope",
      envelope === undefined ? 0 : serializeEnvelope(envelope).length,
      backend.transport.maxMessageBytes,
    ],
    ["the audit event", Buffer.byteLength(JSON.stringify(committedEvent(handoff))), backend.audit.maxEventBytes],
  ] as const;
  for (const [what, size, limit] of sizes) if (size > limit) return new ContextTooLargeError({ what, size, limit });
  return undefined;
}

/** Refuses at the sender, before anything is stored. */
export function refuseBeyondLimits(environment: RelayEnvironment, chain: TaskChain, built: BuiltHandoff): void {
  const obstacle = beyondLimits(environment, chain, built);
  if (obstacle !== undefined) throw obstacle;
}
