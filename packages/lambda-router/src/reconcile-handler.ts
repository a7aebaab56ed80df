import { parseOptions } from "@agenthandoff/aws-common";
import { HandoffError, type ReconcileReport, type Relay } from "@agenthandoff/core";
import { z } from "zod";
import type { FunctionContext } from "./event.js";
import { marginSchema } from "./options.js";
import { asMetrics, countResting } from "./resting-tasks.js";

export interface ReconcileHandlerOptions {
  /** As of `relay.reconcile`: walk every task of the store. Schedule it daily. Default: false. */
  readonly full?: boolean;
  /** As of `relay.reconcile`. */
  readonly olderThanMs?: number;
  /** What is left of the invocation when it stops, in milliseconds. Default: 5,000. */
  readonly marginMs?: number;
  /**
   * Also counts the tasks that rest until somebody decides, and prints them as metrics for CloudWatch (namespace
   * `AgentHandoff`, dimension `service` = the relay's id): `FailedTasks`, `TasksWaitingLong`, `DamagedTasks`, each up to
   * 1,000. Default: false.
   */
  readonly metrics?: boolean;
  /** From when on a task that waits for an answer has waited for long, in milliseconds. Default: a day. */
  readonly waitingLongMs?: number;
  /** Told what was found. Default: `console.warn` for damaged tasks and those that could not be looked at. */
  readonly onReport?: (report: ReconcileReport) => void;
}

/** A Lambda's handler for a schedule. */
export type ReconcileHandler = (event: unknown, context: FunctionContext) => Promise<ReconcileReport>;

const schema = z.strictObject({
  full: z.boolean("must be true or false").default(false),
  olderThanMs: z.int("must be a whole number of milliseconds").min(0, "must not be negative").optional(),
  marginMs: marginSchema,
  metrics: z.boolean("must be true or false").default(false),
  waitingLongMs: z
    .int("must be a whole number of milliseconds")
    .min(0, "must not be negative")
    .default(24 * 60 * 60_000),
  onReport: z
    .custom<(report: ReconcileReport) => void>((value) => typeof value === "function", "must be a function")
    .default(() => warn),
});

function warn({ damaged, failed }: ReconcileReport): void {
  for (const { taskId, reason } of damaged) console.warn(`task ${taskId} is damaged: ${reason}`);
  for (const { taskId, error } of failed) console.warn(`task ${taskId} could not be looked at:`, error);
}

/**
 * The reconciler as a scheduled function: with functions alone, nobody else moves on what a crash or a lost message
 * left behind.
 * @throws InvalidOptionsError; and, when it is called, what `relay.reconcile` does, or a HandoffError with the code
 *   `ABORTED` where the function's time was too short: what it did stays done
 */
export function reconcileHandler(relay: Relay, options: ReconcileHandlerOptions = {}): ReconcileHandler {
  const { full, olderThanMs, marginMs, metrics, waitingLongMs, onReport } = parseOptions(
    "reconcileHandler",
    schema,
    options,
  );
  return async (_event, context) => {
    const ended = new AbortController();
    const outOfTime = new AbortController();
    const leftMs = Math.max(0, context.getRemainingTimeInMillis() - marginMs);
    relay.clock.sleep(leftMs, ended.signal).then(
      () => outOfTime.abort(tooShort(leftMs)),
      () => {},
    );
    try {
      const older = olderThanMs === undefined ? {} : { olderThanMs };
      const report = await relay.reconcile({ full, ...older, signal: outOfTime.signal });
      onReport(report);
      // Not by way of console.log, which Lambda prefixes: the line must be JSON and nothing else.
      if (metrics) {
        const resting = await countResting(relay, { waitingLongMs, signal: outOfTime.signal });
        process.stdout.write(`${asMetrics(relay.id, resting)}\n`);
      }
      return report;
    } finally {
      ended.abort();
    }
  };
}

function tooShort(leftMs: number): HandoffError {
  return new HandoffError(
    `the reconciler did not get through this relay's tasks within ${leftMs} ms; what it did stays done. Give its function a longer timeout, or let a long-lived worker reconcile`,
    { code: "ABORTED", retryable: true },
  );
}
