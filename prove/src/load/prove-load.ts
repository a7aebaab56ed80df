import { measureBacklog } from "./backlog.js";
import { type FairnessReport, measureFairness } from "./fairness.js";
import type { WorkerFigures } from "./load-worker.js";
import { measureProcesses, type ProcessesReport } from "./processes.js";

export interface LoadOptions {
  /** How many tasks wait at once; compared with a hundred. */
  readonly tasks: number;
  readonly processes: number;
  /** How many tasks the several processes do together. */
  readonly sharedTasks: number;
  readonly longHops: number;
  readonly shortTasks: number;
  readonly onProgress?: (line: string) => void;
}

export interface LoadReport {
  /** One worker where a hundred tasks wait at a time, and where `tasks` do. */
  readonly few: WorkerFigures;
  readonly many: WorkerFigures;
  /** Of many to few: what was alive in the process, what the process held, and CPU a hop. */
  readonly ratios: { readonly live: number; readonly rss: number; readonly cpu: number };
  readonly processes: ProcessesReport;
  readonly fairness: FairnessReport;
}

const FEW = 100;
/** Enough that the figures of few tasks are not those of a process that has just begun. */
const FEW_IN_ALL = 2_000;

export async function proveLoad(options: LoadOptions): Promise<LoadReport> {
  const { tasks, processes, sharedTasks, longHops, shortTasks, onProgress = () => {} } = options;
  const few = await measureBacklog(FEW, Math.min(tasks, FEW_IN_ALL));
  onProgress(`${FEW} tasks at a time: ${describe(few)}`);
  const many = await measureBacklog(tasks, tasks);
  onProgress(`${tasks} tasks at a time: ${describe(many)}`);
  const together = await measureProcesses(processes, sharedTasks);
  onProgress(`${processes} processes: ${together.hopsPerSecond.toFixed(0)} hops a second`);
  const fairness = await measureFairness(longHops, shortTasks);
  onProgress(`fairness: at most ${fairness.mostBetween} hops of others between two of the long chain`);
  const ratio = (of: (figures: WorkerFigures) => number) => Number((of(many) / of(few)).toFixed(2));
  const ratios = {
    live: ratio(({ liveMb }) => liveMb),
    rss: ratio(({ peakRssMb }) => peakRssMb),
    cpu: ratio(({ cpuMsPerHop }) => cpuMsPerHop),
  };
  return { few, many, ratios, processes: together, fairness };
}

/** What does not hold of the promises; empty when all do. */
export function whatIsTooMuch({ ratios, processes, fairness }: LoadReport): string[] {
  const broken: string[] = [];
  const memory = Math.max(ratios.live, ratios.rss);
  if (memory > 1.5) broken.push(`one worker's memory grows ${memory} times, more than 1.5`);
  if (ratios.cpu > 1.3) broken.push(`CPU a hop grows ${ratios.cpu} times, more than 1.3`);
  return [...broken, ...whatWentWrong(processes, fairness)];
}

export function whatWentWrong(processes: ProcessesReport, fairness: FairnessReport): string[] {
  const broken: string[] = [];
  if (processes.lost > 0) broken.push(`${processes.lost} tasks of several processes were lost`);
  if (processes.doubled !== 0) broken.push(`${processes.doubled} hops of several processes were committed twice`);
  if (processes.shares[0] === 0) broken.push("one of several processes had nothing to do");
  if (!fairness.allEnded) broken.push("a task beside others did not end as it must");
  // First come, first served: between two of its hops each other task has one, or two where they overlap.
  if (fairness.mostBetween > 2 * fairness.shortTasks) broken.push("the long chain had to wait for more than its turn");
  if (fairness.longHopsMeanwhile > fairness.longHops / 2) broken.push("the long chain kept the short ones waiting");
  return broken;
}

function describe({ hops, liveMb, peakRssMb, cpuMsPerHop }: WorkerFigures): string {
  return `${hops} hops, ${liveMb.toFixed(1)} MB alive, ${peakRssMb.toFixed(0)} MB held, ${cpuMsPerHop.toFixed(2)} ms CPU a hop`;
}
