import type { Clock, Random } from "@agenthandoff/core";

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2_000;

/** The longest wait after so many tries, in milliseconds: doubled each time, up to a bound. */
export function longestWaitMs(tries: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS);
}

export interface Patience {
  readonly clock: Clock;
  readonly random: Random;
  /** How often something is worth doing, in all, when it fails like this. */
  readonly triesFor: (error: unknown) => number;
}

/**
 * Does something again while its error says that it is worth it. The waits are random (full jitter), so that writers
 * who met once do not meet again.
 */
export async function patiently<Result>(
  { clock, random, triesFor }: Patience,
  signal: AbortSignal | undefined,
  act: () => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await act();
    } catch (error) {
      if (tries >= triesFor(error)) throw error;
    }
    await clock.sleep(random.number() * longestWaitMs(tries), signal);
  }
}
