import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REPOSITORY, SOURCES } from "./parts.js";

/** Of a property's cases, one in so many is tried on each mutant: a mutant that survives waits for all of them. */
const ONE_IN = 5;

/** The same cases for each mutant, so that a score can be repeated. */
const SETUP = `import fc from "fast-check";
fc.configureGlobal({ seed: 1, numRuns: 50 });
`;

/** One file imports all others, since to load them one by one takes longer than most of them run. */
const CONFIG = `export default {
  root: import.meta.dirname,
  cacheDir: ".vite",
  test: { include: ["all.test.ts"], setupFiles: ["setup.js"], testTimeout: 60_000, hookTimeout: 60_000 },
};
`;

export interface Copy {
  /** Where core's package stands in it. */
  readonly directory: string;
  /** Names the tests that are to be run in it. */
  chooseTests(paths: readonly string[]): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Copies what core's tests need into a temporary directory, where mutants can be put into it. The copy has no
 * tsconfig.json, so that nothing looks for a compiler.
 */
export async function makeCopy(): Promise<Copy> {
  const top = await mkdtemp(join(tmpdir(), "agenthandoff-mutation-"));
  const directory = join(top, "packages/core");
  for (const path of [SOURCES, "packages/core/package.json", "docs/protocol"]) {
    await cp(join(REPOSITORY, path), join(top, path), { recursive: true });
  }
  for (const path of ["node_modules", "packages/core/node_modules"]) {
    await symlink(join(REPOSITORY, path), join(top, path), "junction");
  }
  await boundProperties(join(directory, "src"));
  await writeFile(join(directory, "setup.js"), SETUP);
  await writeFile(join(directory, "vitest.config.js"), CONFIG);
  return {
    directory,
    chooseTests: (paths) => writeFile(join(directory, "all.test.ts"), importAll(paths)),
    remove: () => rm(top, { recursive: true, force: true }),
  };
}

/** Where a mutant breaks the loading of a file there would be no test to fail: so that is a test, too. */
const importAll = (paths: readonly string[]): string => `import { it } from "vitest";
const failures: unknown[] = [];
it("loads", () => {
  for (const failure of failures) throw failure;
});
for (const load of [
${paths.map((path) => `  () => import("./src/${path}"),\n`).join("")}]) {
  await load().catch((failure: unknown) => failures.push(failure));
}
`;

async function boundProperties(sources: string): Promise<void> {
  for (const path of await readdir(sources, { recursive: true })) {
    if (!path.endsWith(".test.ts")) continue;
    const text = await readFile(join(sources, path), "utf8");
    const bounded = text.replace(
      /numRuns: ([\d_]+)/g,
      (_, runs: string) => `numRuns: ${Math.ceil(Number(runs.replaceAll("_", "")) / ONE_IN)}`,
    );
    if (bounded !== text) await writeFile(join(sources, path), bounded);
  }
}
