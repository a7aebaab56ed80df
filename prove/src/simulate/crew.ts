import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";

/** A share of the work, for a process of its own. */
export interface Assignment {
  /** The package under test: this repository's core, or a mutant of it. */
  readonly core?: string;
  readonly mode: Mode;
  readonly work:
    | { readonly kind: "seeds"; readonly from: number; readonly count: number }
    /** Pairs of faults within the first operations of the small scenario, every `stride`th of them from `offset` on. */
    | {
        readonly kind: "pairs";
        readonly operations: number;
        readonly offset: number;
        readonly stride: number;
        readonly singles: boolean;
      };
  /** Stop at the first violation. */
  readonly stopAtFirst: boolean;
}

export interface Mode {
  readonly reconciler: boolean;
  readonly fullWalk: boolean;
}

export interface Tally {
  readonly schedules: number;
  readonly operations: number;
  readonly virtualHours: number;
  readonly faults: number;
  readonly crashes: number;
  readonly violations: readonly FoundViolation[];
}

export interface FoundViolation {
  readonly invariant: string;
  readonly what: string;
  /** How to see it again. */
  readonly schedule: string;
}

export const NOTHING: Tally = { schedules: 0, operations: 0, virtualHours: 0, faults: 0, crashes: 0, violations: [] };

export function add(a: Tally, b: Tally): Tally {
  return {
    schedules: a.schedules + b.schedules,
    operations: a.operations + b.operations,
    virtualHours: a.virtualHours + b.virtualHours,
    faults: a.faults + b.faults,
    crashes: a.crashes + b.crashes,
    violations: [...a.violations, ...b.violations],
  };
}

/** Does assignments in processes of their own, as many at a time as there are processors. */
export async function doAll(
  assignments: readonly Assignment[],
  onDone: (tally: Tally, index: number) => void = () => {},
): Promise<Tally> {
  let [next, total] = [0, NOTHING];
  const lane = async () => {
    for (let index = next++; index < assignments.length; index = next++) {
      const assignment = assignments[index];
      if (assignment === undefined) return;
      const tally = await doOne(assignment);
      onDone(tally, index);
      total = add(total, tally);
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), assignments.length) }, lane));
  return total;
}

function doOne(assignment: Assignment): Promise<Tally> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, "do-assignment.ts"), {
      execArgv: ["--conditions=@agenthandoff/source", "--import", "tsx"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    child.once("message", (tally) => resolve(tally as Tally));
    child.once("exit", (code) =>
      reject(new Error(`a process of the simulation ended with ${code} before it told its result`)),
    );
    child.send(assignment);
  });
}
