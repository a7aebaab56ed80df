import type { HandoffRecord } from "../../protocol/index.js";
import type { Agent } from "../agent/agent.js";
import type { RelayEnvironment } from "../environment.js";
import type { RunGate } from "./run-gate.js";

/** What became of one delivery. */
export type DeliveryOutcome =
  | { readonly status: "committed"; readonly decision: HandoffRecord["decision"]["kind"] }
  | { readonly status: "helped" | "superseded" | "erased" }
  | { readonly status: "rejected" | "refused"; readonly reason: string }
  /** Given back: another worker, or a later time, may do better. */
  | { readonly status: "released"; readonly reason: string }
  | { readonly status: "not-understood"; readonly reason: string }
  | { readonly status: "damaged"; readonly reason: string };

/** What a worker brings to each of its deliveries. */
export interface StepSetting {
  readonly environment: RelayEnvironment;
  readonly agent: Agent;
  readonly gate: RunGate;
  /** Aborted with the reason `"drained"` when runs must end. */
  readonly drain: AbortSignal;
  /** When this process ends by itself, where it does. */
  readonly processDeadline?: ProcessDeadline;
}

/** A process that ends by itself, as a Lambda function does: its runs end before that, at the cost of an attempt. */
export interface ProcessDeadline {
  /** When runs are aborted, in milliseconds since the epoch by the relay's clock; leave the relay's `graceMs` after it. */
  readonly at: number;
  /** Whose limit it is, and what to do; ends the error's message, in brackets. */
  readonly whose: string;
}
