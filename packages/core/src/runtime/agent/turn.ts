import type { Usage } from "../../protocol/index.js";
import type { Context } from "../context/context.js";
import type { NewArtifact, NewEntry } from "./entries.js";

/** What goes with a decision into the next slot. */
export interface DecisionOptions {
  /** Why: the sentence that the next agent, and an auditor, will read. */
  readonly reason?: string;
  /** What was learned, in order. */
  readonly entries?: readonly NewEntry[];
  /** Added after `entries`. */
  readonly artifacts?: readonly Omit<NewArtifact, "kind">[];
  /** The result; added last, as an output. */
  readonly output?: unknown;
  readonly usage?: Usage;
}

export interface WaitOptions extends DecisionOptions {
  /** What a person is asked; any serializable value. */
  readonly question?: unknown;
}

export interface FailOptions extends DecisionOptions {
  readonly reason: string;
  /** What went wrong: its name, message and code stand in the record, bounded and without credentials. */
  readonly error?: unknown;
}

/** One run of an agent: what it knows, and the ways it can end. Throwing, too, is a way: the run is then retried. */
export interface Turn<To extends string = string> {
  /** Everything that every earlier hop learned. */
  readonly context: Context;
  /** Aborted when the hop's deadline passes, when somebody else decided the hop, when the lease is lost, and at shutdown. */
  readonly signal: AbortSignal;
  readonly attempt: {
    /** The delivery's id: unique for each run. */
    readonly id: string;
    /** 1 for the first run of this step, and one more for each run that followed. */
    readonly number: number;
  };
  /** Ends the run by handing the task on. */
  handoff(to: To, options?: DecisionOptions): TurnResult;
  /** Ends the task well. Returning a plain value does the same, with the value as output. */
  complete(options?: DecisionOptions): TurnResult;
  /** Ends the run by failing the task for good, until somebody retries it. */
  fail(options: FailOptions): TurnResult;
  /** Parks the task until somebody answers. This agent then runs again, with `context.answer`. */
  wait(options?: WaitOptions): TurnResult;
  /**
   * A key for an external call, equal in every attempt that makes the same call: give it to the service as its
   * idempotency key. Of identical calls, the n-th of one attempt has the key of the n-th of another.
   * @throws NotSerializableError when `args` cannot be written as canonical JSON
   */
  idempotencyKey(tool: string, args: unknown): string;
}

const RESULT: unique symbol = Symbol.for("agenthandoff.turn-result");

/** How a run ended. Made by the methods of `Turn` only; return it from `run`. */
export interface TurnResult {
  readonly [RESULT]: true;
  readonly decision: TurnDecision;
  readonly entries: readonly NewEntry[];
  readonly usage: Usage | undefined;
}

export type TurnDecision =
  | { readonly kind: "handoff"; readonly to: string; readonly reason?: string }
  | { readonly kind: "complete"; readonly reason?: string }
  | { readonly kind: "fail"; readonly reason: string; readonly error?: unknown }
  | { readonly kind: "wait"; readonly reason?: string; readonly question: unknown };

function entriesOf(options: DecisionOptions): readonly NewEntry[] {
  const entries: NewEntry[] = [...(options.entries ?? [])];
  for (const each of options.artifacts ?? []) entries.push({ kind: "artifact", ...each });
  if (options.output !== undefined) entries.push({ kind: "output", value: options.output });
  return entries;
}

function result(decision: TurnDecision, options: DecisionOptions): TurnResult {
  return { [RESULT]: true, decision, entries: entriesOf(options), usage: options.usage };
}

function withReason<T extends object>(decision: T, reason: string | undefined): T & { reason?: string } {
  return reason === undefined ? decision : { ...decision, reason };
}

/** The four ways a run can end, as plain functions. */
export const turnResults = {
  handoff: (to: string, options: DecisionOptions = {}): TurnResult =>
    result(withReason({ kind: "handoff", to }, options.reason), options),
  complete: (options: DecisionOptions = {}): TurnResult =>
    result(withReason({ kind: "complete" }, options.reason), options),
  fail: (options: FailOptions): TurnResult =>
    result(
      { kind: "fail", reason: options.reason, ...(options.error !== undefined && { error: options.error }) },
      options,
    ),
  wait: (options: WaitOptions = {}): TurnResult =>
    result(withReason({ kind: "wait", question: options.question }, options.reason), options),
} as const;

export function isTurnResult(value: unknown): value is TurnResult {
  return typeof value === "object" && value !== null && (value as Partial<TurnResult>)[RESULT] === true;
}

/** A plain return value completes the task with it. */
export function asTurnResult(value: unknown): TurnResult {
  return isTurnResult(value) ? value : turnResults.complete({ output: value });
}
