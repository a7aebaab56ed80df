import { readdir } from "node:fs/promises";
import { join } from "node:path";

export const REPOSITORY: string = join(import.meta.dirname, "..", "..", "..");
/** Where core's sources stand in it. */
export const SOURCES = "packages/core/src";

export const PART_NAMES = ["codec", "protocol", "runtime"] as const;
export type PartName = (typeof PART_NAMES)[number];

/** What is mutated, and the tests that must notice. Paths begin at core's sources. */
export interface Part {
  readonly modules: readonly string[];
  readonly quickTests: readonly string[];
  /** Tried only on what the quick ones let pass. */
  readonly slowTests: readonly string[];
}

/** The runtime's decisions: modules that await nothing. What has effects is for the simulation and its own mutants. */
export const PURE_RUNTIME: readonly string[] = [
  "runtime/agent/agent.ts",
  "runtime/agent/entries.ts",
  "runtime/agent/turn.ts",
  "runtime/audit/events.ts",
  "runtime/chain/chain-cache.ts",
  "runtime/chain/task-chain.ts",
  "runtime/changes.ts",
  "runtime/commands/request-id.ts",
  "runtime/context/markdown.ts",
  "runtime/context/readable.ts",
  "runtime/environment.ts",
  "runtime/join-signals.ts",
  "runtime/limits.ts",
  "runtime/options.ts",
  "runtime/reconcile/resend.ts",
  "runtime/redaction.ts",
  "runtime/shorten.ts",
  "runtime/step/backoff.ts",
  "runtime/step/judge-object.ts",
  "runtime/step/judge.ts",
  "runtime/step/prepare-commit.ts",
];

/** Tests that say nothing of what is mutated here, or nothing that others do not: compilers, other programs, worlds. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "protocol/read-chain.test.ts",
  "runtime/agent/routes.test.ts",
  "runtime/simulation.test.ts",
]);

/** Tests that take long. Of the runtime's, it is whatever does not stand beside what is mutated. */
const SLOW: ReadonlySet<string> = new Set([
  "codec/canonical.test.ts",
  "codec/cycles.test.ts",
  "codec/limits.test.ts",
  "codec/round-trip.test.ts",
  "protocol/schemas.test.ts",
  "protocol/segment-damage.test.ts",
]);

export async function readPart(name: PartName): Promise<Part> {
  const files = await filesOf(name);
  const modules = name === "runtime" ? PURE_RUNTIME : files.filter(isModule);
  const tests = files.filter((file) => file.endsWith(".test.ts") && !LEFT_OUT.has(file));
  const isSlow = (file: string): boolean =>
    name === "runtime" ? !modules.includes(file.replace(".test.ts", ".ts")) : SLOW.has(file);
  return {
    modules,
    quickTests: tests.filter((file) => !isSlow(file)),
    slowTests: tests.filter(isSlow),
  };
}

/** Every file under a folder of core's sources. */
export async function filesOf(folder: string): Promise<string[]> {
  const found = await readdir(join(REPOSITORY, SOURCES, folder), { recursive: true, withFileTypes: true });
  const root = join(REPOSITORY, SOURCES);
  return found
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll("\\", "/"),
    )
    .sort();
}

/** Whether a file is a module of the package: neither a test, nor what tests are made with. */
export function isModule(file: string): boolean {
  return file.endsWith(".ts") && !/\.test(-d)?\.ts$/.test(file) && !file.includes("/testing/");
}
