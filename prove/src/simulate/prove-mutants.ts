import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Assignment, doAll, type Mode } from "./crew.js";
import { MUTANTS, type Mutant } from "./mutants.js";

const CORE = resolve(import.meta.dirname, "../../../packages/core");
const MODES: readonly Mode[] = [
  { reconciler: true, fullWalk: true },
  { reconciler: true, fullWalk: false },
  { reconciler: false, fullWalk: false },
];
/** Enough for the rarest of them; most die within ten. */
const SEEDS = 800;

/** Breaks the runtime in every known way, and checks that the simulation finds each. */
export async function proveMutants(
  onProgress: (line: string) => void,
  mutants: readonly Mutant[] = MUTANTS,
): Promise<{ readonly killed: number; readonly total: number }> {
  let killed = 0;
  for (const mutant of mutants) {
    const core = await makeMutant(mutant);
    try {
      const by = await kill(core);
      if (by !== undefined) killed++;
      onProgress(by === undefined ? `SURVIVED: ${mutant.name} (${mutant.breaks})` : `killed: ${mutant.name}, by ${by}`);
    } finally {
      await rm(core, { recursive: true, force: true });
    }
  }
  return { killed, total: mutants.length };
}

async function kill(core: string): Promise<string | undefined> {
  for (const mode of MODES) {
    const share = (work: Assignment["work"]): Assignment => ({ core, mode, work, stopAtFirst: true });
    const singles = [0, 1].map((offset) => share({ kind: "pairs", operations: 60, offset, stride: 2, singles: true }));
    const seeds = [0, 1].map((half) => share({ kind: "seeds", from: 1 + half * (SEEDS / 2), count: SEEDS / 2 }));
    for (const assignments of [singles, seeds]) {
      const found = (await doAll(assignments)).violations[0];
      if (found !== undefined) return `${found.invariant} with ${describe(mode)} (${found.schedule}: ${found.what})`;
    }
  }
  return undefined;
}

function describe(mode: Mode): string {
  if (!mode.reconciler) return "no reconciler";
  return mode.fullWalk ? "everything on" : "no full walk";
}

/** A copy of core with one line changed, beside the original so that it finds the same dependencies. */
async function makeMutant({ name, file, find, replace }: Mutant): Promise<string> {
  const core = join(CORE, "node_modules/.mutants", name.replaceAll(/[^a-z0-9]+/g, "-"));
  await rm(core, { recursive: true, force: true });
  await mkdir(core, { recursive: true });
  await cp(join(CORE, "src"), join(core, "src"), { recursive: true });
  await writeFile(join(core, "package.json"), await readFile(join(CORE, "package.json")));
  await symlink(join(CORE, "node_modules"), join(core, "node_modules"));
  const path = join(core, "src", file);
  const source = await readFile(path, "utf8");
  const places = source.split(find).length - 1;
  if (places !== 1)
    throw new Error(
      `the mutant "${name}" must find its text once in ${file}, but finds it ${places} times; bring it up to date`,
    );
  await writeFile(
    path,
    source.replace(find, () => replace),
  );
  return core;
}
