import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface ProcessOptions {
  readonly directory: string;
  readonly signal?: AbortSignal | undefined;
}

export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const MAX_OUTPUT = 200_000;

/** Only what a program needs to run: generated code gets no key or token of the surrounding environment. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, TEMP, SystemRoot } = process.env;
  return { PATH, HOME, TMPDIR, TEMP, SystemRoot, NODE_NO_WARNINGS: "1" };
}

function start(args: readonly string[], options: ProcessOptions): ChildProcess {
  return spawn(process.execPath, args, {
    cwd: options.directory,
    env: bareEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
    ...(options.signal && { signal: options.signal, killSignal: "SIGKILL" }),
  });
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = "";
  stream?.setEncoding("utf8").on("data", (part: string) => {
    if (text.length < MAX_OUTPUT) text += part;
  });
  return () => text;
}

function closed(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code));
  });
}

/** Runs Node in a process of its own to its end. Rejects only when it cannot be started or is aborted. */
export async function runNode(args: readonly string[], options: ProcessOptions): Promise<Finished> {
  const child = start(args, options);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const exitCode = await closed(child);
  return { exitCode, stdout: stdout(), stderr: stderr() };
}

/**
 * The lines that a Node process writes, while it runs. Leaving the loop early ends the process.
 *
 * @throws Error with the end of its error output when it fails.
 */
export async function* linesOfNode(
  args: readonly string[],
  options: ProcessOptions,
): AsyncGenerator<string, void, undefined> {
  const child = start(args, options);
  const stderr = collect(child.stderr);
  const end = closed(child);
  end.catch(() => undefined);
  try {
    if (child.stdout) yield* createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY });
    const exitCode = await end;
    if (exitCode !== 0) throw new Error(`the process ended with ${exitCode ?? "a signal"}: ${stderr().slice(-2_000)}`);
  } finally {
    child.kill("SIGKILL");
    await end.catch(() => undefined);
  }
}
