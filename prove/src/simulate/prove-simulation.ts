import { type Assignment, add, carryOut, NOTHING, sideBySide, type Tally } from "./crew.js";
import { withNewerVersions } from "./newer-versions.js";
import { type MutantsProof, proveMutants } from "./prove-mutants.js";

export interface SimulateOptions {
  readonly seeds: number;
  readonly from: number;
  readonly pairs?: boolean;
  readonly operations: number;
  readonly mutants?: boolean;
  readonly onProgress?: (line: string) => void;
}

export interface SimulationProof {
  readonly seeds: number;
  readonly schedules: number;
  readonly operations: number;
  readonly faults: number;
  readonly crashes: number;
  /** How often a worker met what only a newer version understands, and how often damage was found. */
  readonly notUnderstood: number;
  readonly damaged: number;
  readonly virtualHours: number;
  readonly violations: number;
  readonly mutants: MutantsProof;
}

const SEEDS_AT_A_TIME = 500;
const PAIR_SHARES = 24;

export async function proveSimulation(options: SimulateOptions): Promise<SimulationProof> {
  const { onProgress = () => {} } = options;
  const assignments = [...seedAssignments(options), ...(options.pairs ? pairAssignments(options.operations) : [])];
  let sofar: Tally = NOTHING;
  const onDone = (tally: Tally) => {
    sofar = add(sofar, tally);
    for (const { invariant, what, schedule } of tally.violations) onProgress(`${invariant}: ${what} (${schedule})`);
    onProgress(`${sofar.schedules} schedules, ${sofar.operations} operations, ${sofar.violations.length} violations`);
  };
  await withNewerVersions((newer) =>
    sideBySide(assignments, async (assignment) => onDone(await carryOut({ ...assignment, newer }))),
  );
  const mutants = options.mutants ? await proveMutants(onProgress) : { killed: 0, total: 0, fates: [] };
  return {
    seeds: options.seeds,
    schedules: sofar.schedules,
    operations: sofar.operations,
    faults: sofar.faults,
    crashes: sofar.crashes,
    notUnderstood: sofar.notUnderstood,
    damaged: sofar.damaged,
    virtualHours: Math.round(sofar.virtualHours),
    violations: sofar.violations.length,
    mutants,
  };
}

function seedAssignments({ seeds, from }: SimulateOptions): Assignment[] {
  const assignments: Assignment[] = [];
  for (let next = from; next < from + seeds; next += SEEDS_AT_A_TIME) {
    const to = Math.min(next + SEEDS_AT_A_TIME, from + seeds);
    assignments.push({ work: [{ kind: "seeds", from: next, to }], stopAtFirst: false });
  }
  return assignments;
}

function pairAssignments(operations: number): Assignment[] {
  return [false, true].flatMap((pairs) =>
    Array.from(
      { length: PAIR_SHARES },
      (_, offset): Assignment => ({
        work: [{ kind: "faults", operations, offset, stride: PAIR_SHARES, pairs }],
        stopAtFirst: false,
      }),
    ),
  );
}
