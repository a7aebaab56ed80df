import { local } from "@agenthandoff/local";
import { typedPackageRelay } from "./agents/typed-package-relay.js";
import { chooseModel } from "./cli/choose-model.js";
import { relayIdFor } from "./cli/naming.js";
import { commitReporter, type Progress, receivedBy, toolReporter } from "./cli/progress.js";
import { type WorkerMessage, workerTask } from "./cli/worker-process.js";

/** A worker of the relay in a process of its own, until it is killed. Its parent hears of everything it does. */
const task = workerTask.parse(JSON.parse(process.argv[2] ?? ""));

const send = (message: WorkerMessage): void => void process.send?.(message);

/** Stops this run, and nothing else: the worker goes on to keep its lease, as one that is busy does. */
const forEver = (): Promise<never> => new Promise<never>(() => undefined);

try {
  const { model, name } = await chooseModel(task.model);
  const report = (progress: Progress) => send({ kind: "progress", progress });
  const relay = typedPackageRelay({
    id: relayIdFor(name),
    backend: local({ directory: task.store }),
    model,
    observer: commitReporter(report),
    onRun(agent, context) {
      report(receivedBy(agent, context));
      return [
        toolReporter(agent, context.taskId, report, (of, tool) => {
          if (of !== task.stopIn) return;
          send({ kind: "stopped-in", agent: of, tool });
          return forEver();
        }),
      ];
    },
  });
  // A parent that is gone takes its worker along.
  process.once("disconnect", () => process.exit(0));
  await relay.worker();
} catch (error) {
  send({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}
