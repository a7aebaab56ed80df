import { fork } from "node:child_process";

/**
 * Runs a TypeScript file in a process of its own, so that it inherits nobody's heap or compiled code, and resolves to
 * what it sent. `request` is its one argument, as JSON.
 * @throws Error when the process fails
 */
export async function runChild(
  file: string,
  request: object,
  options: { readonly nodeOptions?: readonly string[] } = {},
): Promise<readonly unknown[]> {
  const child = fork(file, [JSON.stringify(request)], {
    // What loads TypeScript in this process does so in the child too.
    execArgv: [...process.execArgv, ...(options.nodeOptions ?? [])],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const messages: unknown[] = [];
  child.on("message", (message) => void messages.push(message));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`${file} ended with code ${code}; see above`);
  return messages;
}

/** Sends something to the process that started this one. */
export function tellParent(message: object): void {
  if (process.send === undefined) throw new Error("this file is started by a benchmark: pnpm run bench --help");
  process.send(message);
}
