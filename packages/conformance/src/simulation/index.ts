export { ALL_FAULTS, type Fault, type FaultPlan, NO_FAULTS, type Operation, plannedFaults } from "./faults.js";
export type { Violation } from "./invariants.js";
export { randomScenario, type Scenario, SMALL_SCENARIO, type TaskScript } from "./scenario.js";
export { type Shrunk, shrink } from "./shrink.js";
export { type SimulationOptions, type SimulationReport, simulate } from "./simulate.js";
