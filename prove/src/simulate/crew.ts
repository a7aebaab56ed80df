import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";

/** A share of the work, for a process of its own. */
export interface Assignment {
  /** The package under test: this repository's core, or a mutant of it. */
  readonly core?: string;
  /** Newer versions of it, of which worlds with two versions take one or the other. */
  readonly newer?: readonly string[];
  /** What to do, one after the other. */
  readonly work: readonly Work[];
  /** Stop at the first violation. */
  readonly stopAtFirst: boolean;
}

export type Work = {
  /** Default: as each seed says, so that the seed alone repeats a run. */
  readonly mode?: Mode;
} & (
  | { readonly kind: "seeds"; readonly from: number; readonly to: number }
  /**
   * Faults within the first operations of the small scenario, alone, or each with every one that can follow it; every
   * `stride`th first fault from `offset` on.
   */
  | {
      readonly kind: "faults";
      readonly operations: number;
      readonly offset: number;
      readonly stride: number;
      readonly pairs: boolean;
    }
);

export interface Mode {
  readonly reconciler: boolean;
  readonly fullWalk: boolean;
}

/** Most seeds run as users run it, some without the parts that could hide a fault. */
export const MODES: readonly Mode[] = [
  { reconciler: true, fullWalk: true },
  { reconciler: true, fullWalk: false },
  { reconciler: false, fullWalk: false },
];

/** Of ten tens of seeds six have the first mode, three the second, and one the last. */
export function modeOf(seed: number): Mode {
  const ten = Math.floor(seed / 10) % 10;
  return MODES[ten < 6 ? 0 : ten < 9 ? 1 : 2] as Mode;
}

export interface Tally {
  readonly schedules: number;
  readonly operations: number;
  readonly virtualHours: number;
  readonly faults: number;
  readonly crashes: number;
  /** How often a worker met what only a newer version understands, and how often damage was found. */
  readonly notUnderstood: number;
  readonly damaged: number;
  readonly violations: readonly FoundViolation[];
}

export interface FoundViolation {
  readonly invariant: string;
  readonly what: string;
  readonly mode: Mode;
  /** The seed, or how many schedules with faults of one number were tried until then. */
  readonly after: number;
  /** How to see it again. */
  readonly schedule: string;
}

export const NOTHING: Tally = {
  schedules: 0,
  operations: 0,
  virtualHours: 0,
  faults: 0,
  crashes: 0,
  notUnderstood: 0,
  damaged: 0,
  violations: [],
};

export function add(a: Tally, b: Tally): Tally {
  return {
    schedules: a.schedules + b.schedules,
    operations: a.operations + b.operations,
    virtualHours: a.virtualHours + b.virtualHours,
    faults: a.faults + b.faults,
    crashes: a.crashes + b.crashes,
    notUnderstood: a.notUnderstood + b.notUnderstood,
    damaged: a.damaged + b.damaged,
    violations: [...a.violations, ...b.violations],
  };
}

/** Does something for each item, as many at a time as there are processors. */
export async function sideBySide<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < items.length; index = next++) await act(items[index] as T);
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), items.length) }, lane));
}

/** Does an assignment in a process of its own. */
export function carryOut(assignment: Assignment): Promise<Tally> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, "do-assignment.ts"), {
      // Room for what is short-lived: there is much of it, and collecting it too often takes a fifth of the time.
      execArgv: ["--max-semi-space-size=64", "--conditions=@agenthandoff/source", "--import", "tsx"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    child.once("message", (tally) => resolve(tally as Tally));
    child.once("exit", (code) =>
      reject(new Error(`a process of the simulation ended with ${code} before it told its result`)),
    );
    child.send(assignment);
  });
}
