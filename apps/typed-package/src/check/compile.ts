import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { runNode } from "./run-process.js";

const require = createRequire(import.meta.url);

export interface CompileError {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

const MAX_ERRORS = 10;

/** Compiles the package in a folder with the TypeScript compiler, `tsc -p .`. */
export async function compilePackage(directory: string, signal?: AbortSignal): Promise<readonly CompileError[]> {
  const compiler = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
  const { exitCode, stdout, stderr } = await runNode([compiler, "-p", ".", "--pretty", "false"], { directory, signal });
  if (exitCode === 0) return [];
  const errors = [...stdout.matchAll(/^(?<file>[^\s(]+)\((?<line>\d+),\d+\): error (?<message>.*)$/gm)].map(
    ({ groups }) => ({
      file: groups?.file ?? "",
      line: Number(groups?.line),
      message: groups?.message ?? "",
    }),
  );
  if (errors.length > 0) return errors.slice(0, MAX_ERRORS);
  return [
    { file: "tsconfig.json", line: 1, message: (stdout + stderr).trim().slice(-500) || `tsc ended with ${exitCode}` },
  ];
}

/** Runs the package's own tests, which were compiled with it. Gives the end of their report when they fail. */
export async function runPackageTests(directory: string, signal?: AbortSignal): Promise<string | undefined> {
  const { exitCode, stdout } = await runNode(["--test", "--test-reporter=spec", join("dist", "index.test.js")], {
    directory,
    signal,
  });
  return exitCode === 0 ? undefined : stdout.slice(-2_000);
}
