import { EventEmitter, once } from "node:events";
import { type Backend, HandoffError, type Relay } from "@agenthandoff/core";
import { local } from "@agenthandoff/local";
import { type AgentName, crashRelay } from "../crash/scenario.js";
import { failSyncs } from "./recorder.js";
import type { Report } from "./report.js";
import type { RecordedTask } from "./tasks.js";

interface Stage {
  readonly directory: string;
  readonly backend: Backend;
  readonly tasks: readonly RecordedTask[];
  readonly tell: (told: Report) => void;
}

/** Brings about, in one process, the moments that would else depend on chance. */
export async function stage({ directory, backend, tasks, tell }: Stage): Promise<void> {
  const [watched, doubted, taken, open] = tasks.filter(({ relayId }) => relayId === "crash");
  if (watched === undefined || doubted === undefined || taken === undefined || open === undefined)
    throw new RangeError("the stage is set for more tasks");
  await showUnsynced(backend, watched, tell);
  const relay = crashRelay(backend, async () => {});
  await startInVain(relay, doubted, tell);
  await start(relay, doubted, tell);
  // Somebody who opened the files after the sync had failed, and whom nobody tells of it.
  await startInVain(relay, taken, tell);
  const late = local({ directory });
  await start(
    crashRelay(late, async () => {}),
    taken,
    tell,
  );
  await late.close();
  // As this process ends, the log is copied into the database. It begins anew with a sync of its own, which is not the
  // one to fail.
  await backend.flush?.();
  await startInVain(relay, open, tell);
}

/** A task that is watched, then looked at, while a hop is committed but not yet synced: its envelope is sent after that. */
async function showUnsynced(backend: Backend, task: RecordedTask, tell: (told: Report) => void): Promise<void> {
  const { relayId, taskId } = task;
  const shown = new EventEmitter();
  let lastShown = -1;
  const transport: Backend["transport"] = {
    ...backend.transport,
    async send(queue, message, options) {
      const { hop } = JSON.parse(message.body) as { readonly hop: number };
      while (hop === 1 && lastShown < hop) await once(shown, "hop");
      if (hop > 1) await look();
      await backend.transport.send(queue, message, options);
    },
  };
  const relay = crashRelay({ ...backend, transport }, async () => {});
  const look = async () => {
    const { hop, head } = await relay.task(taskId).head();
    tell({ what: "shown", by: "head", relayId, taskId, hop, sha256: head });
  };
  await start(relay, task, tell);
  const stop = new AbortController();
  const working = relay.worker({ signal: stop.signal, concurrency: 1, reconcileEveryMs: false });
  for await (const { hop, sha256 } of relay.task(taskId).watch()) {
    tell({ what: "shown", by: "watch", relayId, taskId, hop, sha256 });
    lastShown = hop;
    shown.emit("hop");
    // From here on a watcher's sync would cover what is looked at.
    if (hop === 1) break;
  }
  await relay.task(taskId).result();
  stop.abort();
  await working;
}

async function start(
  relay: Relay<AgentName>,
  { relayId, taskId, assignment }: RecordedTask,
  tell: (told: Report) => void,
): Promise<void> {
  await relay.start({ to: "alpha", input: assignment, taskId });
  tell({ what: "started", relayId, taskId });
}

/** A start that comes as far as its sync, which fails: its caller is to be told so, and not that it has started. */
async function startInVain(relay: Relay<AgentName>, task: RecordedTask, tell: (told: Report) => void): Promise<void> {
  failSyncs(true);
  try {
    await start(relay, task, tell);
  } catch (error) {
    if (!HandoffError.isInstance(error) || !error.retryable) throw error;
  } finally {
    failSyncs(false);
  }
}
