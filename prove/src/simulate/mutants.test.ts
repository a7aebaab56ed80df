import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { MUTANTS } from "./mutants.js";
import { NEWER_VERSIONS } from "./newer-versions.js";
import type { Patch } from "./patched-core.js";
import { proveMutants } from "./prove-mutants.js";
import { proveSimulation } from "./prove-simulation.js";

const SOURCES = resolve(import.meta.dirname, "../../../packages/core/src");

async function placesOf({ file, find }: Patch): Promise<number> {
  return (await readFile(join(SOURCES, file), "utf8")).split(find).length - 1;
}

describe("a changed copy of the runtime", () => {
  it.each(MUTANTS)("changes one place: $name", async (mutant) => {
    expect(await placesOf(mutant)).toBe(1);
  });

  it.each(NEWER_VERSIONS)("that is a newer version changes one place each time: $name", async ({ patches }) => {
    for (const patch of patches) expect(await placesOf(patch)).toBe(1);
  });

  it("has a name of its own, and says which sentence it breaks", () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
    for (const { breaks } of MUTANTS) expect(breaks).toMatch(/\.$/);
  });

  it("is killed by the simulation, which says by which check, in which mode and how soon", async () => {
    const { killed, total, fates } = await proveMutants(() => {}, MUTANTS.slice(0, 1));
    expect({ killed, total }).toEqual({ killed: 1, total: 1 });
    expect(fates[0]?.killed).toMatchObject({ check: "I3", mode: "everything on" });
  });

  it("stands beside this version in some worlds, where each leaves to it what only it understands", async () => {
    const lines: string[] = [];
    const report = await proveSimulation({
      seeds: 1,
      from: 3,
      operations: 60,
      onProgress: (line) => lines.push(line),
    });
    expect(report).toMatchObject({ schedules: 1, violations: 0 });
    expect(report.notUnderstood).toBeGreaterThan(0);
    expect(lines.at(-1)).toMatch(/^1 schedules/);
  });
});
