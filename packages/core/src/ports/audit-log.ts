import type { Json } from "../codec/index.js";

/**
 * The record of what happened to every task, and the index of which tasks are open. The truth is in the slots:
 * but for attempts, supersessions and redrives, this log can be rebuilt from them.
 *
 * Each sentence of this contract is a promise. `auditLogSuite` of `@agenthandoff/conformance` checks all that a test can see.
 * Every method rejects with an `AuditError` when the log fails or does not answer; a rejected write is ambiguous.
 * Every method that takes a `signal` rejects with its reason once it is aborted.
 */
export interface AuditLog {
  /** The largest event, in bytes of its JSON, that `append` takes; a larger one rejects with `ContextTooLargeError`. */
  readonly maxEventBytes: number;

  /**
   * Keeps an event; a second one with the same task and id changes nothing and resolves to `"exists"`. In one
   * transaction with it (or alone, where the event exists): `row` replaces the task's row if there is none, or if the
   * one there has a smaller `headHop`, and is ignored otherwise; `damaged` sets that flag on the row that is there
   * then, if any.
   */
  append(event: AuditEvent, change?: RowChange): Promise<"appended" | "exists">;

  /**
   * The events of a task, ascending by id, those of one hop only where `hop` is given. Consistent: every event whose
   * `append` resolved before the call is there.
   */
  events(
    relayId: string,
    taskId: string,
    options?: { readonly hop?: number; readonly signal?: AbortSignal },
  ): AsyncIterable<AuditEvent>;

  /** The events that name an agent, ascending by time. May lag behind `append`. */
  byAgent(relayId: string, agent: string, options?: { readonly signal?: AbortSignal }): AsyncIterable<AuditEvent>;

  /** The row of a task. Consistent. */
  task(relayId: string, taskId: string): Promise<TaskRow | undefined>;

  /** The rows of a relay that match every given condition, in any order, each at most once. May lag behind `append`. */
  tasks(relayId: string, query?: TaskQuery): AsyncIterable<TaskRow>;

  /** Keeps an intent; one with the same task and intent id is replaced. Independent of the task's row. */
  intend(intent: Intent): Promise<void>;

  /** Removes an intent; removing what is not there succeeds. */
  settle(relayId: string, taskId: string, intentId: string): Promise<void>;

  /** The intents of a relay, in any order. May lag behind `intend`, never by more than seconds. */
  intents(relayId: string, options?: { readonly signal?: AbortSignal }): AsyncIterable<Intent>;

  /**
   * Blanks the texts of a task: in each of its events `detail` keeps only the members that `keep` names. The row
   * becomes `erased`. Events appended later are kept as they are.
   */
  erase(relayId: string, taskId: string, keep: readonly string[]): Promise<void>;
}

export interface AuditEvent {
  /** Deterministic: the same happening has the same id, whoever appends it. Unique in its task; ASCII, at most 256 characters. */
  readonly id: string;
  readonly relayId: string;
  readonly taskId: string;
  readonly hop: number;
  /** Readers ignore kinds that they do not know. */
  readonly kind: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly at: string;
  /** The agent it concerns, where there is one: what `byAgent` finds. */
  readonly agent?: string;
  /** What else is known, as plain JSON. */
  readonly detail: { readonly [name: string]: Json };
}

export type TaskStatus = "running" | "waiting" | "failed" | "completed" | "canceled" | "erased";

/** What the index knows of a task. A hint for listings: decisions are always made from the slots. */
export interface TaskRow {
  readonly relayId: string;
  readonly taskId: string;
  readonly status: TaskStatus;
  /** The hop of the last filled slot that this row has heard of. */
  readonly headHop: number;
  readonly headSha256: string;
  /** Whose turn it is (running), who waits, who failed, or who ended it; null where nobody did (a cancel). */
  readonly agent: string | null;
  /** When the head was committed: RFC 3339, UTC, milliseconds. */
  readonly updatedAt: string;
  readonly damaged: boolean;
}

export interface RowChange {
  readonly row?: TaskRow;
  readonly damaged?: boolean;
}

export interface TaskQuery {
  readonly status?: TaskStatus;
  readonly damaged?: boolean;
  /** Only tasks whose `updatedAt` is at or before this instant. */
  readonly updatedBefore?: string;
  readonly signal?: AbortSignal;
}

/** Somebody outside a delivery is about to commit; the reconciler finishes or closes it should they die. */
export interface Intent {
  readonly relayId: string;
  readonly taskId: string;
  readonly intentId: string;
  /** What the commit will bear, by which it is found. */
  readonly requestId: string;
  readonly operation: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly at: string;
}
