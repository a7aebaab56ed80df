import type { Random, Relay } from "@agenthandoff/core";
import type { Invariants } from "./invariants.js";
import type { SimulatedProcess } from "./process.js";
import type { Scheduler } from "./scheduler.js";
import type { AgentName, Plan } from "./workload.js";

export const RELAY_ID = "sim";

/** The simulated world, as its parts see it. */
export interface World {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly invariants: Invariants;
  readonly plans: Map<string, Plan>;
  /** Until then things go wrong. */
  readonly faultsEnd: number;
  readonly maxAttempts: number;
  /** How often something stood still for longer than a lease: a run may have begun on a lease that was lost. */
  standstills(): number;
  /** Whether nothing but the store fails. */
  readonly storeOnly: boolean;
  /** How often an agent really began to run after a hop, whatever the audit tells. */
  runsAfter(taskId: string, hop: number): number;
  /** A new process, and the relay that runs in it. */
  spawn(role: string): { readonly process: SimulatedProcess; readonly relay: Relay<AgentName> };
}
