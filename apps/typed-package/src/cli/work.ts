import type { Relay, Task, TaskResult } from "@agenthandoff/core";
import type { AgentName } from "../agents/typed-package-relay.js";
import type { CliOptions } from "./options.js";
import type { Printer } from "./printer.js";
import type { Progress, Report } from "./progress.js";
import { startWorkerProcess, type WorkerProcess } from "./worker-process.js";

export interface Work {
  readonly relay: Relay<AgentName>;
  readonly task: Task;
  readonly options: CliOptions;
  readonly printer: Printer;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** Works in this process until the task rests. */
export async function workHere({ relay, task, signal }: Work): Promise<TaskResult> {
  const worker = new AbortController();
  const working = relay.worker({ signal: AbortSignal.any([signal, worker.signal]) });
  try {
    return await Promise.race([
      task.result({ signal }),
      working.then(() => task.result({ signal: AbortSignal.abort(signal.reason) })),
    ]);
  } finally {
    worker.abort();
    await working;
  }
}

/** Lets a worker process be killed in the middle of an agent, and another one go on. */
export async function workAndCrash(
  { task, options, printer, report, signal }: Work,
  agent: AgentName,
): Promise<TaskResult> {
  const { store, model } = options;
  const processes: WorkerProcess[] = [];
  const commits = commitWatch(report);
  const start = (stopIn: AgentName | undefined): WorkerProcess => {
    const started = startWorkerProcess({ store, model, stopIn }, commits.report);
    processes.push(started);
    return started;
  };
  try {
    const first = start(agent);
    const stopped = await Promise.race([first.stopped, first.ended, task.result({ signal })]);
    if (!("tool" in stopped)) return stopped;
    await first.kill();
    printer.note(
      `✗ killed worker process ${first.pid} with SIGKILL in the middle of ${agent}, right after ${stopped.tool}`,
    );
    const second = start(undefined);
    printer.note(
      `worker process ${second.pid} takes over as soon as the killed one's lease has run out (at most 10 seconds)`,
    );
    const result = await Promise.race([task.result({ signal }), second.ended]);
    if ("hop" in result) await Promise.race([commits.seen(result.hop), second.ended, patience()]);
    return result;
  } finally {
    await Promise.all(processes.map((each) => each.kill()));
  }
}

/** The store may tell of the last commit before the worker's own message about it has arrived, which is worth a moment. */
const patience = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 1_000).unref());

/** Passes reports on, and knows which hops they have told of. */
function commitWatch(report: Report): { readonly report: Report; seen(hop: number): Promise<void> } {
  const hops = new Set<number>();
  const waiting = new Map<number, () => void>();
  return {
    report(progress: Progress) {
      report(progress);
      if (progress.kind !== "committed") return;
      hops.add(progress.hop);
      waiting.get(progress.hop)?.();
    },
    seen: (hop) => (hops.has(hop) ? Promise.resolve() : new Promise((resolve) => void waiting.set(hop, resolve))),
  };
}
