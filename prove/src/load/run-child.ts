import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** Runs a file of this folder in a process of its own, with its settings as JSON. */
export function startChild(file: string, settings: unknown, nodeOptions: readonly string[] = []): ChildProcess {
  const args = ["--conditions=@agenthandoff/source", "--import", "tsx", join(import.meta.dirname, file)];
  return spawn(process.execPath, [...nodeOptions, ...args, JSON.stringify(settings)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** The last line that a process prints, as JSON. @throws Error when it fails */
export async function lastLineOf<Result>(child: ChildProcess): Promise<Result> {
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  if (code !== 0) throw new Error(`a process of the load ended with ${code ?? signal}`);
  return JSON.parse(text.trimEnd().split("\n").at(-1) ?? "") as Result;
}
