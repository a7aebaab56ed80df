import type { Random } from "@agenthandoff/core";
import { type Plan, randomPlan } from "./workload.js";

/** What is asked of the relay, and by whom, apart from faults. */
export interface Scenario {
  readonly tasks: readonly TaskScript[];
  readonly workers: number;
  /** Milliseconds after the start: until then things may go wrong. */
  readonly faultsForMs: number;
  /** How wrong the processes' clocks may be, in milliseconds, each way. */
  readonly skewMs: number;
}

export interface TaskScript {
  readonly taskId: string;
  readonly plan: Plan;
  /** When it is started, in milliseconds after the start. */
  readonly startAtMs: number;
  /** Whether its caller tries again until it has heard that the task is started. */
  readonly patient: boolean;
  /** When operators look at it, in milliseconds after the start; then they do what fits, or what does not. */
  readonly visitsAtMs: readonly number[];
  /** Whether operators only answer and retry, by what they have just read. */
  readonly orderly: boolean;
}

const HOUR = 3_600_000;

/** A few tasks of all kinds, impatient callers, operators at the worst moments. */
export function randomScenario(random: Random, seed: number): Scenario {
  const faultsForMs = random.number() * (random.number() < 0.1 ? 72 : 6) * HOUR;
  const tasks = Array.from({ length: 1 + Math.floor(random.number() * 4) }, (_, index): TaskScript => {
    const visits = 2 + Math.floor(random.number() * 6);
    return {
      taskId: `task-${index}`,
      plan: randomPlan(random, seed * 10 + index),
      startAtMs: random.number() * HOUR,
      patient: random.number() < 0.9,
      // Most while things go wrong, some when they are calm again.
      visitsAtMs: Array.from({ length: visits }, () =>
        random.number() < 0.8 ? random.number() * faultsForMs : faultsForMs + random.number() * 12 * HOUR,
      ),
      orderly: false,
    };
  });
  return { tasks, workers: 1 + Math.floor(random.number() * 3), faultsForMs, skewMs: 10 * 60_000 };
}

/** One task that hands on, asks and completes, within some 60 operations: small enough to try every pair of faults. */
export const SMALL_SCENARIO: Scenario = {
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
      patient: true,
      visitsAtMs: [10 * 60_000, 3 * HOUR, 12 * HOUR, 30 * HOUR, 60 * HOUR],
      orderly: true,
    },
  ],
  workers: 2,
  faultsForMs: HOUR,
  skewMs: 0,
};
