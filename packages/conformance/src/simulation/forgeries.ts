import { seededRandom } from "@agenthandoff/core/memory";
import type { Effect } from "./effect.js";
import type { Scenario } from "./scenario.js";
import type { Services } from "./services.js";
import type { World } from "./world.js";

type Envelope = Readonly<Record<string, unknown>> & {
  readonly hop: number;
  readonly task_id: string;
  readonly context_s3_key: string;
};

const FORGERIES: readonly ((envelope: Envelope) => Envelope)[] = [
  (envelope) => ({ ...envelope, handoff_sha256: "0".repeat(64) }),
  (envelope) => ({ ...envelope, hop: envelope.hop + 1, context_s3_key: keyAfter(envelope) }),
  (envelope) => ({ ...envelope, context_s3_key: `elsewhere/${envelope.context_s3_key}` }),
  (envelope) => ({ ...envelope, to_agent: "nobody" }),
];

function keyAfter({ context_s3_key: key, hop }: Envelope): string {
  return key.replace(String(hop).padStart(10, "0"), String(hop + 1).padStart(10, "0"));
}

/**
 * Somebody who may write to the queues, though not to the store, sends envelopes that are almost like real ones.
 * @returns what is to be told each effect
 */
export function sendForgeries(
  { scheduler, faultsEnd }: World,
  { backend }: Services,
  { forgedOneIn }: Scenario,
  seed: number,
): (effect: Effect) => void {
  if (forgedOneIn === 0) return () => {};
  // A stream of its own: without forgeries, the rest of the world takes the same chances.
  const random = seededRandom(seed ^ 0x2545f491);
  let forged = 0;
  return (effect) => {
    if (effect.kind !== "send" || scheduler.now() >= faultsEnd || random.number() * forgedOneIn >= 1) return;
    const envelope = JSON.parse(effect.body) as Envelope;
    if (envelope.hop === undefined) return;
    const forge = FORGERIES[Math.floor(random.number() * FORGERIES.length)];
    const body = JSON.stringify(forge?.(envelope));
    const groupId = `stranger-${++forged}`;
    scheduler.at(scheduler.now() + random.number() * 60_000, () => {
      void backend.transport.send(effect.queue, { body, groupId, deduplicationId: groupId });
    });
  };
}
