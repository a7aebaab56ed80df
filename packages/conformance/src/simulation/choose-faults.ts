import type { Random } from "@agenthandoff/core";
import { type Fault, type FaultPlan, NO_FAULTS, type Operation, type Outage, randomFaults } from "./faults.js";
import type { WorldKind } from "./scenario.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export interface FaultChoice {
  readonly kind: WorldKind;
  readonly random: Random;
  readonly now: () => number;
  /** When faults begin, and when they end. */
  readonly from: number;
  readonly to: number;
  readonly onFault: (operation: Operation, fault: Fault) => void;
}

/** The faults of a random world. */
export function chooseFaults({ kind, random, now, from, to, onFault }: FaultChoice): FaultPlan {
  if (kind === "calm" || random.number() < 0.02) return NO_FAULTS;
  return randomFaults({
    random,
    until: () => now() >= to,
    oneIn: 4 * 60 ** random.number(),
    outages: kind === "store-only" ? flappingStore(random, from, to) : randomOutages(random, from, to),
    ...(kind === "store-only" && {
      part: "store" as const,
      // Nothing but a store that fails: what is slow or dies may cost an attempt.
      without: ["crash-before", "crash-after", "die-waiting", "slow", "pause"] as const,
    }),
    // A slot that is gone looks like one that was never filled to whoever meets a message for the first time, so none
    // may be met for the first time when its hop was passed long ago.
    ...(kind === "damage" && { without: ["late", "double", "pause", "slow", "die-waiting"] as const }),
    onFault,
  });
}

function randomOutages(random: Random, from: number, to: number): Outage[] {
  const parts = ["store", "queue", "audit"] as const;
  return Array.from({ length: Math.floor(random.number() * 3) }, () => {
    const begin = from + random.number() * (to - from);
    return {
      part: parts[Math.floor(random.number() * parts.length)] ?? "store",
      from: begin,
      to: Math.min(to, begin + random.number() * (random.number() < 0.5 ? HOUR : to - from)),
      share: random.number() < 0.6 ? 1 : 0.2 + 0.7 * random.number(),
    };
  });
}

/** Up for minutes, out for minutes: runs begin, and cannot end. */
function flappingStore(random: Random, from: number, to: number): Outage[] {
  const outages: Outage[] = [];
  for (let begin = from; begin < to; ) {
    begin += random.number() * 4 * MINUTE;
    const end = Math.min(to, begin + random.number() * 4 * MINUTE);
    if (begin < to) outages.push({ part: "store", from: begin, to: end, share: 1 });
    begin = end;
  }
  return outages;
}
