import type { AuditEvent, Clock } from "@agenthandoff/core";

const DAY_SECONDS = 86_400;

/** When an event may be deleted, in seconds since the epoch; `undefined` for never. */
export function expiryOf({ at }: AuditEvent, retentionDays: number | undefined): number | undefined {
  if (retentionDays === undefined) return undefined;
  const happenedMs = Date.parse(at);
  return Number.isNaN(happenedMs) ? undefined : Math.floor(happenedMs / 1_000) + retentionDays * DAY_SECONDS;
}

/**
 * Whether an event is past its time before it is written. The reconciler's full walk misses in the log what was deleted
 * there, and appends it: it would be written and deleted for ever.
 */
export function hasExpired(expiresAt: number | undefined, clock: Clock): boolean {
  return expiresAt !== undefined && expiresAt * 1_000 <= clock.now();
}
