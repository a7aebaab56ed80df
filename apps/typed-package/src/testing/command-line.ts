import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
/** Not by way of tsx's own command, which is a process in between that would take the signals. */
const TSX = pathToFileURL(require.resolve("tsx")).href;
const MAIN = join(import.meta.dirname, "..", "main.ts");

export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves once standard output holds the words. */
  says(words: string): Promise<void>;
}

/** A folder to stand in, with a store and results of its own, in which the app can be started as from a shell. */
export interface Standing extends AsyncDisposable {
  readonly directory: string;
  file(name: string, content: string | Uint8Array): Promise<string>;
  start(args: readonly string[], env?: NodeJS.ProcessEnv): Running;
  run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished>;
}

export async function stand(): Promise<Standing> {
  const directory = await mkdtemp(join(tmpdir(), "typed-package-cli-"));
  const running = new Set<ChildProcess>();

  const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Running => {
    const child = spawn(
      process.execPath,
      ["--import", TSX, "--conditions=@agenthandoff/source", MAIN, ...args, "--store", "store", "--out", "out"],
      {
        cwd: directory,
        env: { ...process.env, INIT_CWD: directory, ...env },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    running.add(child);
    let stdout = "";
    let stderr = "";
    const waiting = new Map<string, () => void>();
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      stdout += part;
      for (const [words, resolve] of waiting) if (stdout.includes(words)) resolve();
    });
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      stderr += part;
    });
    const finished = new Promise<Finished>((resolve) => {
      child.once("close", (exitCode) => {
        running.delete(child);
        resolve({ exitCode, stdout, stderr });
      });
    });
    return {
      child,
      finished,
      async says(words) {
        const said = new Promise<void>((resolve) => {
          if (stdout.includes(words)) resolve();
          else waiting.set(words, resolve);
        });
        const ended = finished.then((result) => {
          if (!result.stdout.includes(words))
            throw new Error(`it ended without saying "${words}": ${result.stdout}\n${result.stderr}`);
        });
        await Promise.race([said, ended]);
      },
    };
  };

  return {
    directory,
    async file(name, content) {
      await writeFile(join(directory, name), content);
      return name;
    },
    start,
    run: (args, env) => start(args, env).finished,
    async [Symbol.asyncDispose]() {
      for (const child of running) child.kill("SIGKILL");
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
