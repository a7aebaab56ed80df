import type { Json } from "../codec/index.js";

/** What was decided in a hop: where the task goes from here. */
export type Decision =
  | { readonly kind: "handoff"; readonly to: string; readonly reason?: string }
  | { readonly kind: "complete"; readonly reason?: string }
  | { readonly kind: "cancel"; readonly reason?: string }
  | { readonly kind: "fail"; readonly reason: string; readonly error?: ErrorSummary }
  | { readonly kind: "wait"; readonly reason?: string; readonly on: WaitCondition; readonly until?: string };

/** What a parked task waits for. Kinds that this version does not know are kept as they are. */
export interface WaitCondition {
  readonly kind: string;
  /** For `answer`: what a person is asked, encoded by the codec. */
  readonly question?: Json;
}

/** An error as the record keeps it: bounded and redacted, for people; never rebuilt into a throwable. */
export interface ErrorSummary {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
}

/** What the hop cost. Token counts are the sums over all model calls. */
export interface Usage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly totalTokens?: number;
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
  readonly reasoningTokens?: number;
  readonly modelCalls?: number;
  readonly toolCalls?: number;
  /** Milliseconds that the run took. */
  readonly durationMs?: number;
}

/** Where a handoff came from that was not written from what this relay itself was told. */
export type Origin =
  /** Hop 0 of a task that another task begot: the handoff that it came from. */
  | {
      readonly kind: "branch" | "fork" | "call";
      readonly taskId: string;
      readonly hop: number;
      readonly handoffSha256: string;
      readonly index: number;
    }
  /** Any hop: the object that an unversioned message pointed at. */
  | {
      readonly kind: "object";
      readonly key: string;
      /** Of the object's bytes as they were read. */
      readonly sha256: string;
    };

/** What the caller chose at the start; part of the input's hash. */
export interface StartOptions {
  /** How long the task may be running in all, in milliseconds; time parked does not count. */
  readonly deadlineMs?: number;
  /** The caller's own data about the task, encoded by the codec. */
  readonly metadata?: Json;
}

/** A large value or an artifact's bytes that lie beside the chain, named by their hash. */
export interface BlobRecord {
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
  /**
   * `value`: needed to decode an entry, read with the context. `artifact`: read when somebody asks.
   * `unsent`: what could not be handed on, kept for people.
   */
  readonly of: "value" | "artifact" | "unsent";
}

/** The immutable record of one hop, without its entries. */
export interface HandoffRecord {
  readonly v: 1;
  /** Features that a reader must understand, else it must not run. */
  readonly requires: readonly string[];
  readonly relayId: string;
  readonly taskId: string;
  readonly hop: number;
  /** The hop that the execution of this handoff counts as: its own, or that of the handoff it retries. */
  readonly step: number;
  /** Null where no agent decided: the caller's request, a person's answer, an operator's retry or cancel. */
  readonly fromAgent: string | null;
  /** Who answered, retried or canceled. */
  readonly by?: string;
  readonly agentVersion?: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly createdAt: string;
  readonly commitId: string;
  readonly requestId?: string;
  /** The sha256 of the previous handoff's raw bytes; null at hop 0. */
  readonly previous: string | null;
  readonly origin: Origin | null;
  /** Hop 0 only: what makes a repeated start the same start. */
  readonly inputSha256?: string;
  /** Hop 0 only. */
  readonly options?: StartOptions;
  /** The delivery whose run this is; null where no run decided. */
  readonly attempt: string | null;
  readonly decision: Decision;
  readonly usage: Usage | null;
  /** The registered classes that its values need, so that a reader knows before it runs. */
  readonly classes: readonly string[];
  readonly blobs: readonly BlobRecord[];
}

/** One thing learned in a hop, as it is stored: values are still encoded. */
export type EntryLine =
  | { readonly kind: "input"; readonly value: Json }
  | { readonly kind: "answer"; readonly value: Json }
  | { readonly kind: "message"; readonly value: Json }
  | { readonly kind: "output"; readonly name?: string; readonly value: Json }
  | { readonly kind: "state"; readonly name: string; readonly value: Json }
  | { readonly kind: "view"; readonly name?: string; readonly value: Json }
  | {
      readonly kind: "artifact";
      readonly name: string;
      readonly mediaType: string;
      /** In bytes. */
      readonly size: number;
      readonly sha256: string;
    };

/** A handoff as read: its record, its exact bytes, and their hash. */
export interface StoredHandoff {
  readonly record: HandoffRecord;
  readonly raw: Uint8Array;
  /** sha256 of `raw`: the handoff's hash. */
  readonly sha256: string;
}

/** Where a decision leaves a task. */
export type TaskState = "running" | "waiting" | "failed" | "completed" | "canceled";

const STATE_AFTER: { readonly [kind in Decision["kind"]]: TaskState } = {
  handoff: "running",
  wait: "waiting",
  fail: "failed",
  complete: "completed",
  cancel: "canceled",
};

export function stateAfter(decision: Decision): TaskState {
  return STATE_AFTER[decision.kind];
}

export function isFinal(decision: Decision): boolean {
  return decision.kind === "complete" || decision.kind === "cancel";
}
