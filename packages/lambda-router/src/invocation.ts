import { type Clock, InvalidOptionsError, type RelayLimits } from "@agenthandoff/core";
import type { FunctionContext } from "./event.js";

/** When things must be done, in milliseconds since the epoch by the relay's clock. */
export interface Invocation {
  /** When Lambda ends it. */
  readonly endsAt: number;
  /** When its runs are told to stop: their grace and the margin follow. */
  readonly runsEndAt: number;
  /** After this no further run begins. */
  readonly lastStartAt: number;
}

export interface InvocationOptions {
  readonly marginMs: number;
  readonly leastRunMs: number;
}

/**
 * How an invocation's time is spent.
 * @throws InvalidOptionsError where it leaves no time for a run
 */
export function beginInvocation(
  relay: { readonly clock: Clock; readonly limits: RelayLimits },
  context: FunctionContext,
  { marginMs, leastRunMs }: InvocationOptions,
): Invocation {
  const { graceMs } = relay.limits;
  const leftMs = context.getRemainingTimeInMillis();
  const runMs = leftMs - graceMs - marginMs;
  if (!(runMs > 0)) {
    throw new InvalidOptionsError(
      `this function has ${leftMs} ms left, which its relay's graceMs (${graceMs}) and the router's marginMs (${marginMs}) use up; give the function a longer timeout, or make those shorter`,
    );
  }
  const now = relay.clock.now();
  const runsEndAt = now + runMs;
  // Half of a short function's time is all that a second message can ask for.
  return { endsAt: now + leftMs, runsEndAt, lastStartAt: runsEndAt - Math.min(leastRunMs, runMs / 2) };
}
