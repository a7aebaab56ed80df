import type { Random } from "@agenthandoff/core";
import { type Plan, randomPlan, type Troubles } from "./workload.js";

/**
 * Which things go wrong in a world. In `any` all that can, together; the others leave some out, so that more can be
 * asked: of a failing store that it costs no attempt, of poison and deployments that they cost the neighbours none.
 */
export type WorldKind = "any" | "store-only" | "calm" | "versions" | "damage";

/** What is asked of the relay, by whom, and on what, apart from faults. */
export interface Scenario {
  readonly kind: WorldKind;
  readonly tasks: readonly TaskScript[];
  readonly workers: number;
  /** Runs of one worker at a time: where there are more than queues, it receives batches. */
  readonly concurrency: number;
  /** Milliseconds after the start: until then things may go wrong. */
  readonly faultsForMs: number;
  /** How wrong the processes' clocks may be, in milliseconds, each way. */
  readonly skewMs: number;
  /** For how long the queues drop a repeated message, even when the first one has been deleted. */
  readonly deduplicationMs: number;
  /** By how much the audit log's listings of tasks lag behind. */
  readonly listingLagMs: number;
  /** Whether a lease is lost once its time has run out (SQS), or only when the message was received again. */
  readonly strictLeases: boolean;
  readonly versions?: VersionScript;
  readonly damage: readonly DamageScript[];
  /** Of so many messages that were sent, one gives a stranger the idea for another. 0: there is no stranger. */
  readonly forgedOneIn: number;
  /** How often a reconciler looks, while things may go wrong. */
  readonly reconcileEveryMs: number;
  /** When every worker is told to stop, and followed by another, in milliseconds after the start. */
  readonly deploymentsAtMs: readonly number[];
}

export interface TaskScript {
  readonly taskId: string;
  readonly plan: Plan;
  /** When it is started, in milliseconds after the start. */
  readonly startAtMs: number;
  /** Whether it is started by a producer's object, and not by this library. */
  readonly byProducer: boolean;
  /** Whether its caller tries again until it has heard that the task is started. */
  readonly patient: boolean;
  /** When operators look at it, in milliseconds after the start; then they do what fits, or what does not. */
  readonly visitsAtMs: readonly number[];
  /** Whether somebody watches it, and comes within minutes when it waits or has failed. */
  readonly watched: boolean;
  /** Whether operators only answer and retry, by what they have just read. */
  readonly orderly: boolean;
}

/** Workers of a newer version beside the others: deployed, taken back, deployed again. */
export interface VersionScript {
  readonly newerWorkers: number;
  readonly deployedAtMs: number;
  readonly rolledBackAtMs: number;
  readonly deployedAgainAtMs: number;
}

/** What somebody does to a stored object behind the relay's back, and mends after a while. */
export interface DamageScript {
  readonly task: number;
  readonly kind: "removed" | "cut-off";
  readonly atMs: number;
  /** Wait, from then on, for a message of an earlier hop to come again: the moment at which a gap might be filled. */
  readonly atWorstMoment: boolean;
  readonly forMs: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** As SQS has it, and so long that a repeated generation would never be accepted. */
const DEDUPLICATION_MS = [5 * MINUTE, 10_000 * HOUR] as const;

/** A few tasks of all kinds, impatient callers, operators at the worst moments. */
export function randomScenario(random: Random, seed: number): Scenario {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.number() * items.length)] as T;
  const kind = kindOf(seed);
  const faultsForMs = random.number() * (random.number() < 0.1 ? 72 : 6) * HOUR;
  const within = () => random.number() * faultsForMs;
  const troublesOf = (task: number): Troubles =>
    kind === "store-only" ? "none" : kind !== "calm" ? "some" : task === 0 ? "poison-first" : "none";
  const tasks = Array.from({ length: 1 + Math.floor(random.number() * 4) }, (_, index): TaskScript => {
    const visits = 2 + Math.floor(random.number() * 6);
    return {
      taskId: `task-${index}`,
      plan: randomPlan(random, seed * 10 + index, troublesOf(index)),
      startAtMs: random.number() * (kind === "calm" ? MINUTE : HOUR),
      byProducer: kind !== "damage" && random.number() < 0.15,
      patient: random.number() < 0.9,
      // Most while things go wrong, some when they are calm again.
      visitsAtMs: Array.from({ length: visits }, () =>
        random.number() < 0.8 ? within() : faultsForMs + random.number() * 12 * HOUR,
      ),
      watched: random.number() < 0.5,
      orderly: kind === "calm",
    };
  });
  const damage = Array.from({ length: kind === "damage" ? 3 : 0 }, (): DamageScript => {
    return {
      task: Math.floor(random.number() * tasks.length),
      kind: pick(["removed", "removed", "cut-off"]),
      atMs: within(),
      atWorstMoment: random.number() < 0.5,
      forMs: random.number() * pick([2, 48]) * HOUR,
    };
  });
  return {
    kind,
    tasks,
    workers: 1 + Math.floor(random.number() * 3),
    concurrency: pick([3, 3, 12, 40]),
    faultsForMs,
    skewMs: 10 * MINUTE,
    deduplicationMs: pick(DEDUPLICATION_MS),
    listingLagMs: random.number() < 0.3 ? random.number() * pick([MINUTE, HOUR]) : 0,
    strictLeases: random.number() < 0.3,
    ...(kind === "versions" && { versions: randomVersions(random, faultsForMs) }),
    damage,
    // To whoever meets a message for the first time a slot that is gone looks like one that was never filled.
    forgedOneIn: kind !== "damage" && random.number() < 0.2 ? 3 : 0,
    reconcileEveryMs: random.number() < 0.2 && faultsForMs < 6 * HOUR ? 3 * MINUTE : 30 * MINUTE,
    deploymentsAtMs: kind === "calm" ? Array.from({ length: Math.floor(random.number() * 60) }, within) : [],
  };
}

function randomVersions(random: Random, faultsForMs: number): VersionScript {
  const [deployedAtMs = 0, rolledBackAtMs = 0, deployedAgainAtMs = 0] = [1, 2, 3]
    .map(() => random.number() * faultsForMs)
    .sort((a, b) => a - b);
  return { newerWorkers: 1 + Math.floor(random.number() * 2), deployedAtMs, rolledBackAtMs, deployedAgainAtMs };
}

function kindOf(seed: number): WorldKind {
  return (["store-only", "any", "any", "versions", "any", "damage", "any", "any", "calm", "any"] as const)[
    seed % 10
  ] as WorldKind;
}

/** One task that hands on, asks and completes, within some 60 operations: small enough to try every pair of faults. */
export const SMALL_SCENARIO: Scenario = {
  kind: "any",
  tasks: [
    {
      taskId: "task-0",
      plan: {
        seed: 1,
        first: "ada",
        steps: [
          { action: { do: "hand-on", to: "bob" }, takesMs: 1_000 },
          { action: { do: "ask" }, takesMs: 1_000 },
          { action: { do: "complete" }, takesMs: 1_000 },
        ],
      },
      startAtMs: 0,
      byProducer: false,
      patient: true,
      visitsAtMs: [10 * MINUTE, 3 * HOUR, 12 * HOUR],
      watched: false,
      orderly: true,
    },
  ],
  workers: 2,
  concurrency: 3,
  faultsForMs: HOUR,
  skewMs: 0,
  deduplicationMs: 10_000 * HOUR,
  listingLagMs: 0,
  strictLeases: false,
  damage: [],
  forgedOneIn: 0,
  reconcileEveryMs: 30 * MINUTE,
  deploymentsAtMs: [],
};
