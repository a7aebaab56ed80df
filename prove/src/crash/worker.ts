import { setTimeout as delay } from "node:timers/promises";
import type { Backend } from "@agenthandoff/core";
import { writeJournal } from "./journal.js";
import { type BackendSettings, openBackend } from "./places.js";
import { crashRelay } from "./scenario.js";

/** Where a worker kills itself: it cannot be stopped more suddenly than by its own SIGKILL. */
export type KillPoint = "none" | "in-run" | "after-commit" | "before-send" | "after-send";

export interface WorkerSettings {
  readonly backend: BackendSettings;
  readonly journal: string;
  readonly killAt: KillPoint;
  /** At how manyth passing of that point. */
  readonly countdown: number;
  readonly maxRunMs: number;
}

const settings = JSON.parse(process.argv[2] ?? "{}") as WorkerSettings;
let left = settings.countdown;

function pass(point: KillPoint): void {
  if (settings.killAt !== point) return;
  if (--left <= 0) process.kill(process.pid, "SIGKILL");
}

const backend = openBackend(settings.backend);
const watched: Backend = {
  ...backend,
  transport: {
    ...backend.transport,
    async send(queue, message, options) {
      pass("before-send");
      await backend.transport.send(queue, message, options);
      const { task_id: taskId, hop } = JSON.parse(message.body) as { task_id: string; hop: number };
      writeJournal(settings.journal, { at: "sent", taskId, hop });
      pass("after-send");
    },
  },
};

const relay = crashRelay(
  watched,
  async ({ signal }) => {
    await delay(Math.random() * settings.maxRunMs, undefined, { signal });
    pass("in-run");
  },
  (event) => {
    if (event.kind === "run-started")
      writeJournal(settings.journal, { at: "run", taskId: event.taskId, hop: event.hop });
    if (event.kind === "run-ended") writeJournal(settings.journal, { at: "ran", taskId: event.taskId, hop: event.hop });
    if (event.kind === "committed") {
      writeJournal(settings.journal, {
        at: "committed",
        taskId: event.taskId,
        hop: event.hop,
        sends: event.decision === "handoff",
      });
      pass("after-commit");
    }
  },
);

const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
process.stdout.write("ready\n");
await relay.worker({ signal: stop.signal, concurrency: 4, reconcileEveryMs: 2_000 });
await relay.close();
