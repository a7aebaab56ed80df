export {
  ALL_FAULTS,
  type Fault,
  type FaultPlan,
  faultsOf,
  NO_FAULTS,
  type Operation,
  plannedFaults,
} from "./faults.js";
export type { Violation } from "./invariants.js";
export {
  type DamageScript,
  randomScenario,
  type Scenario,
  SMALL_SCENARIO,
  type TaskScript,
  type VersionScript,
  type WorldKind,
} from "./scenario.js";
export type { MemoryDrivers } from "./services.js";
export { type Shrunk, shrink } from "./shrink.js";
export { type SimulationOptions, type SimulationReport, simulate } from "./simulate.js";
