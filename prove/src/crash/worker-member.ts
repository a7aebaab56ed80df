import { setTimeout as delay } from "node:timers/promises";
import type { CrewMember } from "./crew-member.js";
import { type Life, type NewLife, pickPoint } from "./doomed-relay.js";
import { readJournal } from "./journal.js";
import type { BackendSettings } from "./places.js";
import type { AgentName } from "./scenario.js";
import { startWorker, type WorkerProcess } from "./start-worker.js";

const MAX_RANDOM_MS = 300;
const PATIENCE_MS = 4_000;
const MAX_COUNTDOWN = 3;

/** A long-lived worker, replaced by another as soon as it was killed. */
export async function hireWorker(
  backend: BackendSettings,
  {
    agents,
    mortal,
    newLife,
  }: { readonly agents: readonly AgentName[]; readonly mortal: boolean; readonly newLife: NewLife },
): Promise<CrewMember> {
  let worker = await start();
  return {
    isFunction: false,
    async kill() {
      const { exited, life } = worker;
      await Promise.race([exited, delay(life.killAt === "none" ? Math.random() * MAX_RANDOM_MS : PATIENCE_MS)]);
      await end("SIGKILL");
      worker = await start();
      return readJournal(life.journal);
    },
    dismiss: () => end("SIGTERM"),
    abandon: () => end("SIGKILL"),
  };

  async function end(signal: NodeJS.Signals): Promise<void> {
    worker.child.kill(signal);
    await worker.exited;
  }

  async function start(): Promise<WorkerProcess & { readonly life: Life }> {
    const life = newLife({
      killAt: mortal ? pickPoint() : "none",
      countdown: 1 + Math.floor(Math.random() * MAX_COUNTDOWN),
    });
    return { ...(await startWorker({ backend, agents, ...life })), life };
  }
}
