import type { Clock, Random } from "@agenthandoff/core";
import { MAX_TRIES } from "./limits.js";

const SHORTEST_WAIT_MS = 25;
const LONGEST_WAIT_MS = 1_000;

/** How long to wait after the given number of tries, at most, in milliseconds. */
export const longestWaitMs = (tries: number): number => Math.min(LONGEST_WAIT_MS, SHORTEST_WAIT_MS * 2 ** (tries - 1));

export interface Patience {
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Does something again while it fails for a reason that passes, at most `MAX_TRIES` times in all, with waits that grow
 * and that chance spreads: writers that met once would meet again.
 */
export async function patiently<Result>(
  { clock, random }: Patience,
  work: () => Promise<Result>,
  isPassing: (error: unknown) => boolean,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === MAX_TRIES || !isPassing(error)) throw error;
      await clock.sleep(random.number() * longestWaitMs(tries));
    }
  }
}
