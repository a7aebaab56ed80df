import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";

/** Runs a command to its end with its output in `log`. @throws when it cannot be started or does not exit with 0. */
export const runCommand = async (
  command: string,
  commandArguments: readonly string[],
  options: { readonly log: string; readonly directory?: string; readonly environment?: NodeJS.ProcessEnv },
): Promise<void> => {
  const log = createWriteStream(options.log, { flags: "a" });
  log.write(`$ ${command} ${commandArguments.join(" ")}\n`);
  const child = spawn(command, commandArguments, {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: options.directory,
    env: { ...process.env, ...options.environment },
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  try {
    const code = await new Promise<number | string | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode, signal) => resolve(exitCode ?? signal));
    });
    if (code !== 0) throw new Error(`${command} ended with ${code} (its output: ${options.log})`);
  } finally {
    log.end();
    await finished(log);
  }
};

/** What a command prints, or undefined where it is not there or fails. */
export const outputOf = (command: string, commandArguments: readonly string[]): Promise<string | undefined> =>
  new Promise((resolve) => {
    const child = spawn(command, commandArguments, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const collect = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect); // java -version speaks on stderr.
    child.once("error", () => resolve(undefined));
    child.once("close", (code) => resolve(code === 0 ? output : undefined));
  });
