import type { Random, Relay } from "@agenthandoff/core";
import type { Invariants } from "./invariants.js";
import type { SimulatedProcess } from "./process.js";
import type { WorldKind } from "./scenario.js";
import type { Scheduler } from "./scheduler.js";
import type { AgentName, Plan, PRODUCER } from "./workload.js";

export const RELAY_ID = "sim";

/** Of the library and of the agents' code. Where nobody deploys a newer one, all are of the older. */
export type Version = "older" | "newer";

export type WorldRelay = Relay<AgentName | typeof PRODUCER>;

/** The simulated world, as its parts see it. */
export interface World {
  readonly kind: WorldKind;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly invariants: Invariants;
  readonly plans: Map<string, Plan>;
  /** Until then things go wrong. */
  readonly faultsEnd: number;
  readonly maxAttempts: number;
  /** Whether things may go wrong for so long that queues give messages up; the reconciler sends them anew. */
  readonly mayTireQueues: boolean;
  /** How often something stood still for longer than a lease: a run may have begun on a lease that was lost. */
  standstills(): number;
  /** How often an agent really began to run after a hop, whatever the audit tells. */
  runsAfter(taskId: string, hop: number): number;
  /** Whether processes of a version may be started now. */
  isDeployed(version: Version): boolean;
  /** A new process, and the relay that runs in it; of any version that is deployed, unless one is asked for. */
  spawn(role: string, version?: Version): { readonly process: SimulatedProcess; readonly relay: WorldRelay };
}
