import { carryOut, MODES, type Mode, sideBySide, type Work } from "./crew.js";
import { MUTANTS, type Mutant } from "./mutants.js";
import { withPatchedCore } from "./patched-core.js";

/** So many seeds in each mode, then so many: most die within ten, each in a mode of its own. The last is the bound. */
const SEEDS = [40, 200, 800] as const;
const SINGLE_FAULTS = { operations: 60, offset: 0, stride: 1, pairs: false } as const;

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
  const fates = new Map<string, MutantFate>();
  await sideBySide(mutants, async ({ name, breaks, ...patch }) => {
    const killed = await withPatchedCore(name, [patch], kill);
    fates.set(name, { name, breaks, ...(killed !== undefined && { killed }) });
    onProgress(
      killed === undefined
        ? `SURVIVED: ${name} (${breaks})`
        : `killed: ${name}, by ${killed.check} with ${killed.mode}, after ${killed.after} (${killed.schedule}: ${killed.what})`,
    );
  });
  const inOrder = mutants.flatMap(({ name }) => fates.get(name) ?? []);
  return {
    killed: inOrder.filter((fate) => fate.killed !== undefined).length,
    total: mutants.length,
    fates: inOrder,
  };
}

async function kill(core: string): Promise<MutantFate["killed"]> {
  const { violations } = await carryOut({ core, work: HUNT, stopAtFirst: true });
  const found = violations[0];
  if (found === undefined) return undefined;
  const { invariant: check, what, schedule, after } = found;
  return { check, what, schedule, after, mode: describe(found.mode) };
}

/** Some seeds, every single fault, then ever more seeds, each time in every mode. */
const HUNT: readonly Work[] = SEEDS.flatMap((to, round): Work[] => [
  ...MODES.map((mode): Work => ({ kind: "seeds", mode, from: 1 + (SEEDS[round - 1] ?? 0), to: 1 + to })),
  ...(round === 0 ? MODES.map((mode): Work => ({ kind: "faults", mode, ...SINGLE_FAULTS })) : []),
]);

function describe(mode: Mode): string {
  if (!mode.reconciler) return "no reconciler";
  return mode.fullWalk ? "everything on" : "no full walk";
}
