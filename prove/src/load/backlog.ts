import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local } from "@agenthandoff/local";
import { crashRelay } from "../crash/scenario.js";
import type { WorkerFigures } from "./load-worker.js";
import { lastLineOf, startChild } from "./run-child.js";

export const OUTPUTS = 6;
const WARM_UP_TASKS = 200;

/** Fills a directory with tasks that nobody works on yet. */
export async function startTasks(directory: string, tasks: number): Promise<void> {
  const relay = crashRelay(local({ directory }), async () => {});
  for (let seed = 1; seed <= tasks; seed++)
    await relay.start({ to: "alpha", input: { seed, outputs: OUTPUTS }, taskId: `task-${seed}` });
  await relay.close();
}

/**
 * One worker, in a process of its own, on so many tasks that wait at once; as often, one backlog after the other, as
 * it takes to make `total` tasks of them.
 */
export async function measureBacklog(tasks: number, total: number): Promise<WorkerFigures> {
  const scratch = await mkdtemp(join(tmpdir(), "agenthandoff-load-"));
  try {
    const sizes = [WARM_UP_TASKS, ...Array.from({ length: Math.ceil(total / tasks) }, () => tasks)];
    const directories = sizes.map((size, index) => ({ path: join(scratch, String(index)), tasks: size }));
    for (const { path, tasks: size } of directories) await startTasks(path, size);
    return await lastLineOf<WorkerFigures>(startChild("load-worker.ts", { directories }, ["--expose-gc"]));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
