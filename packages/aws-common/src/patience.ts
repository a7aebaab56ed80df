import type { Clock, Random } from "@agenthandoff/core";

export interface Patience {
  readonly clock: Clock;
  readonly random: Random;
  /** The longest first wait, in milliseconds; doubled with each try. */
  readonly firstWaitMs: number;
  /** The longest of all waits, in milliseconds. */
  readonly longestWaitMs: number;
  /** How often something is worth doing, in all, when it fails like this. */
  readonly triesFor: (error: unknown) => number;
}

/**
 * Does something again while its error says that it is worth it. The waits are random (full jitter), so that writers
 * who met once do not meet again.
 */
export async function patiently<Result>(
  { clock, random, firstWaitMs, longestWaitMs, triesFor }: Patience,
  signal: AbortSignal | undefined,
  act: () => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await act();
    } catch (error) {
      if (tries >= triesFor(error)) throw error;
    }
    await clock.sleep(random.number() * Math.min(firstWaitMs * 2 ** (tries - 1), longestWaitMs), signal);
  }
}
