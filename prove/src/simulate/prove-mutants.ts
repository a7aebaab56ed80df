import type { Assignment, FoundViolation, Mode } from "./crew.js";
import { doAll } from "./crew.js";
import { MUTANTS, type Mutant } from "./mutants.js";
import { withPatchedCore } from "./patched-core.js";

const MODES: readonly Mode[] = [
  { reconciler: true, fullWalk: true },
  { reconciler: true, fullWalk: false },
  { reconciler: false, fullWalk: false },
];
/** Enough for the rarest of them; most die within ten. */
const SEEDS = 800;

/** What became of a mutant. */
export interface MutantFate {
  readonly name: string;
  /** The sentence of the design that it breaks. */
  readonly breaks: string;
  /** Absent where it survived. */
  readonly killed?: {
    /** The invariant that did not hold. */
    readonly check: string;
    readonly what: string;
    readonly mode: string;
    /** How to see it again, and how many schedules of its kind were tried until then. */
    readonly schedule: string;
    readonly after: number;
  };
}

export interface MutantsProof {
  readonly killed: number;
  readonly total: number;
  readonly fates: readonly MutantFate[];
}

/** Breaks the runtime in every known way, and checks that the simulation finds each. */
export async function proveMutants(
  onProgress: (line: string) => void,
  mutants: readonly Mutant[] = MUTANTS,
): Promise<MutantsProof> {
  const fates: MutantFate[] = [];
  for (const { name, breaks, ...patch } of mutants) {
    const killed = await withPatchedCore(name, [patch], kill);
    fates.push({ name, breaks, ...(killed !== undefined && { killed }) });
    onProgress(
      killed === undefined
        ? `SURVIVED: ${name} (${breaks})`
        : `killed: ${name}, by ${killed.check} with ${killed.mode}, after ${killed.after} (${killed.schedule}: ${killed.what})`,
    );
  }
  return { killed: fates.filter((fate) => fate.killed !== undefined).length, total: mutants.length, fates };
}

async function kill(core: string): Promise<MutantFate["killed"]> {
  for (const mode of MODES) {
    const share = (work: Assignment["work"]): Assignment => ({ core, mode, work, stopAtFirst: true });
    const singles = [0, 1].map((offset) => share({ kind: "faults", operations: 60, offset, stride: 2, pairs: false }));
    const seeds = [0, 1].map((half) => share({ kind: "seeds", from: 1 + half, to: 1 + SEEDS, stride: 2 }));
    for (const assignments of [singles, seeds]) {
      const found = first((await doAll(assignments)).violations);
      if (found === undefined) continue;
      const { invariant: check, what, schedule, after } = found;
      return { check, what, schedule, after, mode: describe(mode) };
    }
  }
  return undefined;
}

function first(violations: readonly FoundViolation[]): FoundViolation | undefined {
  return [...violations].sort((a, b) => a.after - b.after)[0];
}

function describe(mode: Mode): string {
  if (!mode.reconciler) return "no reconciler";
  return mode.fullWalk ? "everything on" : "no full walk";
}
