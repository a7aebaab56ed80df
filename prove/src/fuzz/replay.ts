import { readFile } from "node:fs/promises";
import { examine } from "./target.js";
import { TARGETS } from "./targets/index.js";

/** Gives a target one saved input again, in this process; what is wrong with it, or `undefined`. */
export async function replay(name: string, file: string): Promise<string | undefined> {
  const target = await TARGETS[name]?.();
  if (target === undefined) throw new Error(`there is no target ${name}; there are ${Object.keys(TARGETS).join(", ")}`);
  const problem = await examine(target, await readFile(file));
  return problem === undefined ? undefined : (problem.stack ?? String(problem));
}
