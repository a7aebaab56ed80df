import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { WorkerSettings } from "./worker.js";

export interface WorkerProcess {
  readonly child: ChildProcess;
  /** Exit code and signal. */
  readonly exited: Promise<readonly [code: number | null, signal: NodeJS.Signals | null]>;
}

/** Resolves once the process works, or has ended already. */
export async function startWorker(settings: WorkerSettings): Promise<WorkerProcess> {
  const module = join(import.meta.dirname, "worker.ts");
  const child = spawn(
    process.execPath,
    ["--conditions=@agenthandoff/source", "--import", "tsx", module, JSON.stringify(settings)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const exited = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  await Promise.race([once(child.stdout, "data"), exited]);
  return { child, exited };
}
