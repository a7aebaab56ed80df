import { type Fault, plannedFaults } from "./faults.js";
import { type SimulationOptions, type SimulationReport, simulate } from "./simulate.js";

/** A schedule that breaks an invariant, and of which nothing can be left out. */
export interface Shrunk {
  readonly faults: readonly { readonly operation: number; readonly fault: Fault }[];
  readonly report: SimulationReport;
}

/**
 * Leaves faults out of a failing run as long as it still fails: first halves, then ever smaller parts (ddmin).
 * `undefined` when the run does not fail by its list of faults alone (an outage was needed, say).
 */
export async function shrink(options: SimulationOptions, failing: SimulationReport): Promise<Shrunk | undefined> {
  let faults = failing.faults.map(({ operation, fault }) => ({ operation: operation.number, fault }));
  const fails = async (chosen: typeof faults): Promise<SimulationReport | undefined> => {
    const plan = plannedFaults(new Map(chosen.map(({ operation, fault }) => [operation, fault])));
    const report = await simulate({ ...options, faults: plan });
    return report.violations.length > 0 ? report : undefined;
  };
  let report = await fails(faults);
  if (report === undefined) return undefined;
  for (let parts = 2; faults.length > 0; ) {
    const size = Math.ceil(faults.length / parts);
    let smaller: { faults: typeof faults; report: SimulationReport } | undefined;
    for (let first = 0; first < faults.length && smaller === undefined; first += size) {
      const rest = [...faults.slice(0, first), ...faults.slice(first + size)];
      const again = await fails(rest);
      if (again !== undefined) smaller = { faults: rest, report: again };
    }
    if (smaller !== undefined) {
      ({ faults, report } = smaller);
      parts = Math.max(2, parts - 1);
    } else if (size === 1) break;
    else parts = Math.min(faults.length, parts * 2);
  }
  return { faults, report };
}
