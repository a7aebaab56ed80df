import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { makeCopy } from "./copy.js";
import { PART_NAMES, type PartName, REPOSITORY, readPart } from "./parts.js";
import { type MutationReport, type Score, scoreOf, survivorsOf } from "./score.js";

export interface ProveMutationOptions {
  readonly only?: readonly PartName[];
  /** How many mutants are tried at once. */
  readonly concurrency: number;
  /** Only what changed since the last run, as far as Stryker can tell. */
  readonly changed?: boolean;
  readonly onProgress?: (line: string) => void;
}

export type MutationProof = { readonly [name in PartName]?: Score & { readonly seconds: number } };

/** Below this share of mutants noticed, in percent, the tests of a part are too weak. */
export const LEAST_SCORE = 85;

/** The reports of the last run, ignored by git. `<part>.json` can be shown by any viewer of Stryker's reports. */
const OUT = join(REPOSITORY, "out", "mutation");

/** Changes the code in every small way that Stryker knows, and counts the changes that the tests notice. */
export async function proveMutation(options: ProveMutationOptions): Promise<MutationProof> {
  const { only = PART_NAMES, onProgress = () => {} } = options;
  await mkdir(OUT, { recursive: true });
  const proof: { [name in PartName]?: Score & { seconds: number } } = {};
  for (const name of only) {
    const started = performance.now();
    const report = await mutate(name, options);
    for (const line of survivorsOf(report)) onProgress(line);
    proof[name] = { ...scoreOf(report), seconds: Math.round((performance.now() - started) / 1000) };
  }
  return proof;
}

async function mutate(name: PartName, options: ProveMutationOptions): Promise<MutationReport> {
  const part = await readPart(name);
  const copy = await makeCopy(part.tests);
  const reportFile = join(OUT, `${name}.json`);
  try {
    const settings = {
      mutate: part.modules.map((path) => `src/${path}`),
      // In the copy, that is: a copy of the copy would keep nobody from harm.
      inPlace: true,
      tempDirName: ".stryker",
      testRunner: "vitest",
      plugins: [fileURLToPath(import.meta.resolve("@stryker-mutator/vitest-runner"))],
      vitest: { configFile: "vitest.config.js", related: false },
      coverageAnalysis: "perTest",
      concurrency: options.concurrency,
      // A mutant that allocates without end is to die of it alone.
      testRunnerNodeArgs: ["--max-old-space-size=1024"],
      disableTypeChecks: false,
      allowConsoleColors: false,
      reporters: ["json", "progress-append-only"],
      jsonReporter: { fileName: reportFile },
      incremental: options.changed === true,
      incrementalFile: join(OUT, `${name}-incremental.json`),
    };
    await writeFile(join(copy.directory, "stryker.config.json"), JSON.stringify(settings));
    await runStryker(copy.directory, options.onProgress ?? (() => {}));
  } finally {
    await copy.remove();
  }
  return JSON.parse(await readFile(reportFile, "utf8")) as MutationReport;
}

async function runStryker(directory: string, onProgress: (line: string) => void): Promise<void> {
  const stryker = dirname(createRequire(import.meta.url).resolve("@stryker-mutator/core/package.json"));
  const child = spawn(process.execPath, [join(stryker, "bin", "stryker.js"), "run"], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on("line", onProgress);
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`Stryker ended with ${code ?? "a signal"}; what it said stands above`);
}
