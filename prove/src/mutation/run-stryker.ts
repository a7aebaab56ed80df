import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { MutationReport } from "./report.js";

export interface StrykerRun {
  /** A package with its tests, which it may change. */
  readonly directory: string;
  /** Modules, or places in them: `src/a.ts`, `src/a.ts:3:8-3:20`. */
  readonly mutate: readonly string[];
  readonly concurrency: number;
  readonly onProgress: (line: string) => void;
}

/** Runs Stryker in a process of its own, since it takes the working directory for the project. */
export async function runStryker({ directory, mutate, concurrency, onProgress }: StrykerRun): Promise<MutationReport> {
  const settings = {
    mutate,
    // The directory is a copy already.
    inPlace: true,
    tempDirName: ".stryker",
    testRunner: "vitest",
    plugins: [fileURLToPath(import.meta.resolve("@stryker-mutator/vitest-runner"))],
    vitest: { configFile: "vitest.config.js", related: false },
    coverageAnalysis: "perTest",
    concurrency,
    // On a busy machine a test may take long without being stuck.
    timeoutMS: 20_000,
    // A mutant that allocates without end is to die of it alone.
    testRunnerNodeArgs: ["--max-old-space-size=1024"],
    disableTypeChecks: false,
    allowConsoleColors: false,
    reporters: ["json", "progress-append-only"],
    jsonReporter: { fileName: "report.json" },
  };
  await writeFile(join(directory, "stryker.config.json"), JSON.stringify(settings));
  const stryker = dirname(createRequire(import.meta.url).resolve("@stryker-mutator/core/package.json"));
  const child = spawn(process.execPath, [join(stryker, "bin", "stryker.js"), "run"], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on("line", onProgress);
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`Stryker ended with ${code ?? "a signal"}; what it said stands above`);
  return JSON.parse(await readFile(join(directory, "report.json"), "utf8")) as MutationReport;
}
