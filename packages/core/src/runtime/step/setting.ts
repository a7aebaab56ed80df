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
}
