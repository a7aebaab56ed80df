// A worker that goes on for long, in a process of its own: `node --expose-gc soak-worker.ts <settings>`.
import { setTimeout as delay } from "node:timers/promises";
import { NonRetryableError } from "@agenthandoff/core";
import { local } from "@agenthandoff/local";
import { crashRelay, whatWasLost } from "../crash/scenario.js";
import { OUTPUTS } from "./backlog.js";

export interface SoakSettings {
  readonly directory: string;
  readonly seconds: number;
  readonly sampleSeconds: number;
}

/** What was held when the garbage was gone, at so many seconds. */
export interface SoakSample {
  readonly at: number;
  readonly liveMb: number;
  readonly rssMb: number;
  readonly tasks: number;
}

export interface SoakTally {
  readonly tasks: number;
  readonly hops: number;
  readonly retried: number;
  readonly lost: number;
  readonly samples: readonly SoakSample[];
}

const settings = JSON.parse(process.argv[2] ?? "{}") as SoakSettings;
const MB = 1_000_000;
const AT_ONCE = 20;

const stop = new AbortController();
const begun = performance.now();
const elapsed = () => (performance.now() - begun) / 1_000;
let [started, tasks, hops, retried, lost] = [0, 0, 0, 0, 0];

const relay = crashRelay(
  local({ directory: settings.directory }),
  async ({ taskId, context }) => {
    const seed = Number(taskId.slice(5));
    // Some runs throw and are tried again, some tasks fail and are retried.
    if (seed % 10 === 3 && context.hop === 2 && Math.random() < 0.5) throw new Error("now and then");
    if (seed % 25 === 7 && context.hop === 1) throw new NonRetryableError("until somebody retries it");
  },
  (event) => {
    if (event.kind === "committed") hops++;
    if (event.kind === "worker-error") console.error(event.error);
  },
);

/** Starts tasks one after the other, follows each to its end, and looks whether it is whole. */
async function keepStarting(): Promise<void> {
  while (elapsed() < settings.seconds) {
    const seed = ++started;
    const assignment = { seed, outputs: OUTPUTS };
    const task = await relay.start({ to: "alpha", input: assignment, taskId: `soak-${seed}` });
    let result = await task.result();
    while (result.status === "failed") {
      retried++;
      await task.retry({ head: result.head });
      result = await task.result();
    }
    if (result.status !== "completed" || (await whatWasLost(await task.context(), assignment)) !== undefined) lost++;
    tasks++;
  }
}

const samples: SoakSample[] = [];
async function keepSampling(): Promise<void> {
  while (!stop.signal.aborted) {
    await delay(settings.sampleSeconds * 1_000, undefined, { signal: stop.signal }).catch(() => {});
    globalThis.gc?.();
    const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
    samples.push({ at: elapsed(), liveMb: (heapUsed + arrayBuffers) / MB, rssMb: rss / MB, tasks });
  }
}

const worker = relay.worker({ signal: stop.signal, reconcileEveryMs: 5_000 });
const sampling = keepSampling();
await Promise.all(Array.from({ length: AT_ONCE }, keepStarting));
stop.abort();
await Promise.all([worker, sampling]);
await relay.close();
const tally: SoakTally = { tasks, hops, retried, lost, samples };
process.stdout.write(`${JSON.stringify(tally)}\n`);
