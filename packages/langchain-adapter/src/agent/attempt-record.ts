import type { NewEntry, Usage } from "@agenthandoff/core";

const RECORD = Symbol.for("agenthandoff.attempt-record");

/** What a run had learned, and cost, when it threw. */
export interface AttemptRecord {
  readonly entries: readonly NewEntry[];
  readonly usage: Usage;
}

/** Leaves the record with the error, where neither printing nor comparing shows it. */
export function attachAttemptRecord(error: unknown, record: AttemptRecord): void {
  if (typeof error !== "object" || error === null || !Object.isExtensible(error)) return;
  Object.defineProperty(error, RECORD, { value: record, configurable: true });
}

/** What the run that threw this error had learned; undefined for any other error. */
export function attemptRecord(error: unknown): AttemptRecord | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  return (error as Record<symbol, AttemptRecord | undefined>)[RECORD];
}
