import { type Assignment, doAll, type FoundViolation, MODES, type Mode } from "./crew.js";
import { MUTANTS, type Mutant } from "./mutants.js";
import { withPatchedCore } from "./patched-core.js";

/** So many seeds in each mode, then so many: most die within ten, each in a mode of its own. The last is the bound. */
const SEEDS = [50, 200, 800] as const;

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
    /** How to see it again. */
    readonly schedule: string;
    /** How many seeds, or single faults, were tried in that mode until then. */
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
  const attempt = async (mode: Mode, works: readonly Assignment["work"][]): Promise<MutantFate["killed"]> => {
    const assignments = works.map((work): Assignment => ({ core, mode, work, stopAtFirst: true }));
    const found = first((await doAll(assignments)).violations);
    if (found === undefined) return undefined;
    const { invariant: check, what, schedule, after } = found;
    return { check, what, schedule, after, mode: describe(mode) };
  };
  const halves = [0, 1] as const;
  for (const mode of MODES) {
    const singles = halves.map(
      (offset) => ({ kind: "faults", operations: 60, offset, stride: 2, pairs: false }) as const,
    );
    const killed = await attempt(mode, singles);
    if (killed !== undefined) return killed;
  }
  let done = 0;
  for (const seeds of SEEDS) {
    for (const mode of MODES) {
      const share = halves.map((half) => ({ kind: "seeds", from: 1 + done + half, to: 1 + seeds, stride: 2 }) as const);
      const killed = await attempt(mode, share);
      if (killed !== undefined) return killed;
    }
    done = seeds;
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
