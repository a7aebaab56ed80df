import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeCopy } from "./copy.js";
import { PART_NAMES, type PartName, REPOSITORY, readPart } from "./parts.js";
import { describeSurvivors, type MutationReport, merge, placesOfSurvivors, type Score, scoreOf } from "./report.js";
import { runStryker } from "./run-stryker.js";

export interface ProveMutationOptions {
  readonly only?: readonly PartName[];
  /** How many mutants are tried at once. */
  readonly concurrency: number;
  /** Only the mutants that no test noticed in the last run. The code must be as it was then. */
  readonly survivors?: boolean;
  readonly onProgress?: (line: string) => void;
}

export type MutationProof = { readonly [name in PartName]?: Score & { readonly seconds: number } };

/** Below this share of mutants noticed, in percent, the tests of a part are too weak. */
export const LEAST_SCORE = 85;

/** The last run's report of each part, ignored by git; any viewer of Stryker's reports shows it. */
const OUT = join(REPOSITORY, "out", "mutation");

/** Changes the code in every small way that Stryker knows, and counts the changes that the tests notice. */
export async function proveMutation(options: ProveMutationOptions): Promise<MutationProof> {
  const { only = PART_NAMES, onProgress = () => {} } = options;
  await mkdir(OUT, { recursive: true });
  const proof: { [name in PartName]?: Score & { seconds: number } } = {};
  for (const name of only) {
    const started = performance.now();
    const report = await mutate(name, { ...options, onProgress });
    await writeFile(join(OUT, `${name}.json`), JSON.stringify(report));
    for (const line of describeSurvivors(report)) onProgress(line);
    proof[name] = { ...scoreOf(report), seconds: Math.round((performance.now() - started) / 1000) };
  }
  return proof;
}

async function mutate(
  name: PartName,
  options: ProveMutationOptions & { onProgress(line: string): void },
): Promise<MutationReport> {
  const { modules, quickTests, slowTests } = await readPart(name);
  const copy = await makeCopy();
  const run = async (tests: readonly string[], mutate: readonly string[]): Promise<MutationReport> => {
    await copy.chooseTests(tests);
    return await runStryker({ ...options, directory: copy.directory, mutate });
  };
  const again = async (report: MutationReport, tests: readonly string[]): Promise<MutationReport> => {
    const places = placesOfSurvivors(report);
    return places.length === 0 || tests.length === 0 ? report : merge(report, await run(tests, places));
  };
  try {
    const quick = options.survivors
      ? await again(await readReport(name), quickTests)
      : await run(
          quickTests,
          modules.map((path) => `src/${path}`),
        );
    return await again(quick, slowTests);
  } finally {
    await copy.remove();
  }
}

async function readReport(name: PartName): Promise<MutationReport> {
  const report = JSON.parse(await readFile(join(OUT, `${name}.json`), "utf8")) as MutationReport;
  for (const [path, { source }] of Object.entries(report.files)) {
    const now = await readFile(join(REPOSITORY, "packages/core", path), "utf8");
    if (now !== source) throw new Error(`${path} has changed since the last run: run without --survivors`);
  }
  return report;
}
