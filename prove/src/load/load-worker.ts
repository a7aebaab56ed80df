// Run in a process of its own, so that its memory and its time are a worker's alone: `node load-worker.ts <settings>`.
import { local } from "@agenthandoff/local";
import { crashRelay } from "../crash/scenario.js";

export interface LoadWorkerSettings {
  /** Directories with tasks: work is done in one after the other, and measured from the second one on. */
  readonly directories: readonly { readonly path: string; readonly tasks: number }[];
}

/** What one worker took, once it was warm. */
export interface WorkerFigures {
  readonly hops: number;
  readonly seconds: number;
  readonly cpuMsPerHop: number;
  /** The most that its process held, looked at every second. */
  readonly peakRssMb: number;
  /** What was alive in it, on the heap and in buffers: the median of as many looks. */
  readonly liveMb: number;
}

const settings = JSON.parse(process.argv[2] ?? "{}") as LoadWorkerSettings;
const MB = 1_000_000;

let peakRss = 0;
let live: number[] = [];
const collecting = { user: 0, system: 0 };
/** What is held when the garbage is gone. Collecting it is not counted as work. */
function sample(): void {
  if (globalThis.gc === undefined) throw new Error("run this with --expose-gc");
  const cpu = process.cpuUsage();
  globalThis.gc();
  const { user, system } = process.cpuUsage(cpu);
  collecting.user += user;
  collecting.system += system;
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  peakRss = Math.max(peakRss, rss);
  live.push(heapUsed + arrayBuffers);
}

/** Works until so many tasks are complete; resolves to how many hops were committed. */
async function work({ path, tasks }: LoadWorkerSettings["directories"][number]): Promise<number> {
  const backend = local({ directory: path });
  const stop = new AbortController();
  let [hops, completed] = [0, 0];
  const relay = crashRelay(
    backend,
    async () => {},
    (event) => {
      if (event.kind === "worker-error") console.error(event.error);
      if (event.kind !== "committed") return;
      hops++;
      if (event.decision === "complete" && ++completed === tasks) stop.abort();
    },
  );
  await relay.worker({ signal: stop.signal });
  await relay.close();
  return hops;
}

const [warmUp, ...measured] = settings.directories;
if (warmUp !== undefined) await work(warmUp);

live = [];
sample();
const timer = setInterval(sample, 1_000);
const before = { ...collecting };
const cpu = process.cpuUsage();
const startedAt = performance.now();
let hops = 0;
for (const directory of measured) hops += await work(directory);
const { user, system } = process.cpuUsage(cpu);
const seconds = (performance.now() - startedAt) / 1_000;
clearInterval(timer);
const collected = collecting.user + collecting.system - before.user - before.system;
const figures: WorkerFigures = {
  hops,
  seconds,
  cpuMsPerHop: (user + system - collected) / 1_000 / hops,
  peakRssMb: peakRss / MB,
  liveMb: (live.toSorted((a, b) => a - b)[Math.floor(live.length / 2)] ?? 0) / MB,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
