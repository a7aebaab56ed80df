import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Not by way of tsx's own command, which is a process in between that would take the signals. */
const TSX = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const MAIN = join(import.meta.dirname, "..", "main.ts");

export interface Finished {
  readonly exitCode: number | null;
  readonly output: string;
}

/** A command of this app in a process of its own, which does not outlive this one. */
export interface AnotherProcess {
  readonly finished: Promise<Finished>;
  /** Asks it to end, as Ctrl-C does, and waits until it has. */
  stop(): Promise<Finished>;
}

/**
 * @param options.environment beside this process's own
 * @param options.onOutput told what it prints, as it prints it
 */
export function anotherProcess(
  args: readonly string[],
  options: { readonly environment?: NodeJS.ProcessEnv; readonly onOutput?: (text: string) => void } = {},
): AnotherProcess {
  const child: ChildProcess = spawn(
    process.execPath,
    ["--import", TSX, "--conditions=@agenthandoff/source", MAIN, ...args],
    { env: { ...process.env, ...options.environment }, stdio: ["ignore", "pipe", "pipe", "ipc"] },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      options.onOutput?.(text);
    });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ exitCode, output }));
  });
  return {
    finished,
    async stop() {
      child.kill("SIGINT");
      return await finished;
    },
  };
}
