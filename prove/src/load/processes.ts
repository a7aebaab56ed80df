import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { local } from "@agenthandoff/local";
import { crashRelay, whatWasLost } from "../crash/scenario.js";
import { OUTPUTS, startTasks } from "./backlog.js";
import { lastLineOf, startChild } from "./run-child.js";

export interface ProcessesReport {
  readonly processes: number;
  readonly tasks: number;
  readonly seconds: number;
  readonly hopsPerSecond: number;
  /** How many hops each process committed, the fewest first. */
  readonly shares: readonly number[];
  /** Tasks that did not end as they must have. */
  readonly lost: number;
  /** Commits beyond one for each hop. */
  readonly doubled: number;
}

/** Several worker processes on one directory at once. */
export async function measureProcesses(processes: number, tasks: number): Promise<ProcessesReport> {
  const directory = await mkdtemp(join(tmpdir(), "agenthandoff-processes-"));
  const children = Array.from({ length: processes }, () => startChild("process-worker.ts", { directory }));
  const tallies = children.map((child) => lastLineOf<{ readonly hops: number }>(child));
  try {
    await Promise.all(children.map(({ stdout }) => (stdout === null ? undefined : once(stdout, "data"))));
    const startedAt = performance.now();
    await startTasks(directory, tasks);
    const relay = crashRelay(local({ directory }), async () => {});
    let lost = 0;
    for (let seed = 1; seed <= tasks; seed++) {
      const task = relay.task(`task-${seed}`);
      const { status } = await task.result();
      const problem = await whatWasLost(await task.context(), { seed, outputs: OUTPUTS });
      if (status !== "completed" || problem !== undefined || !(await task.verify()).ok) lost++;
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    await relay.close();
    for (const child of children) child.kill("SIGTERM");
    const shares = (await Promise.all(tallies)).map(({ hops }) => hops).toSorted((a, b) => a - b);
    const hops = tasks * OUTPUTS;
    const doubled = shares.reduce((sum, share) => sum + share, 0) - hops;
    return { processes, tasks, seconds, hopsPerSecond: hops / seconds, shares, lost, doubled };
  } finally {
    for (const child of children) child.kill("SIGKILL");
    await Promise.allSettled(tallies);
    await rm(directory, { recursive: true, force: true });
  }
}
