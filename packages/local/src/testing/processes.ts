import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Another process on the same directory. */
export interface Child {
  /** The next line it prints; `undefined` at its end. */
  line(): Promise<string | undefined>;
  /** All lines from here to its end. */
  lines(): Promise<readonly string[]>;
  /** Gives it the word it waits for. */
  tell(): void;
  /** Ends it with SIGKILL: nothing of its own runs any more. */
  kill(): void;
  readonly exited: Promise<void>;
}

const tsx = import.meta.resolve("tsx");
const script = fileURLToPath(new URL("./child.ts", import.meta.url));

export function startChild(role: string, directory: string, ...rest: readonly string[]): Child {
  const child: ChildProcess = spawn(
    process.execPath,
    ["--import", tsx, "--conditions=@agenthandoff/source", script, role, directory, ...rest],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  if (child.stdout === null) throw new Error("the child has no output");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async line() {
      const next = await lines.next();
      return next.done === true ? undefined : next.value;
    },
    async lines() {
      const all: string[] = [];
      for (let next = await lines.next(); next.done !== true; next = await lines.next()) all.push(next.value);
      return all;
    },
    tell: () => void child.stdin?.write("go\n"),
    kill: () => void child.kill("SIGKILL"),
    exited: new Promise((resolve) => child.once("exit", () => resolve())),
  };
}
