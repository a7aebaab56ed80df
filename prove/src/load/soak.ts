import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lastLineOf, startChild } from "./run-child.js";
import type { SoakSample, SoakSettings, SoakTally } from "./soak-worker.js";

export interface SoakReport {
  readonly seconds: number;
  readonly tasks: number;
  readonly hops: number;
  readonly retried: number;
  readonly lost: number;
  /** What was alive in the process (heap and buffers), and what it held, in MB: the median of each third of the time. */
  readonly liveMb: readonly number[];
  readonly rssMb: readonly number[];
  /** How much more was alive for each 1,000 tasks done, by a straight line through the last two thirds, in KB. */
  readonly growthKbPer1000Tasks: number;
}

const MOST_SAMPLES = 120;

/** Works for so long, tasks coming and going, and looks whether the memory stays what it was. */
export async function soak(seconds: number): Promise<SoakReport> {
  const directory = await mkdtemp(join(tmpdir(), "agenthandoff-soak-"));
  try {
    const settings: SoakSettings = { directory, seconds, sampleSeconds: Math.max(1, seconds / MOST_SAMPLES) };
    const { samples, ...tally } = await lastLineOf<SoakTally>(startChild("soak-worker.ts", settings, ["--expose-gc"]));
    const thirds = [0, 1, 2].map((third) =>
      samples.filter(({ at }) => at >= (seconds * third) / 3 && at < (seconds * (third + 1)) / 3),
    );
    const medians = (of: (sample: SoakSample) => number) => thirds.map((third) => round(median(third.map(of))));
    return {
      seconds,
      ...tally,
      liveMb: medians(({ liveMb }) => liveMb),
      rssMb: medians(({ rssMb }) => rssMb),
      growthKbPer1000Tasks: round(slope(thirds.slice(1).flat()) * 1_000_000),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** MB a task, by least squares. */
function slope(samples: readonly SoakSample[]): number {
  const mean = (of: (sample: SoakSample) => number) =>
    samples.reduce((sum, each) => sum + of(each), 0) / samples.length;
  const [meanTasks, meanLive] = [mean(({ tasks }) => tasks), mean(({ liveMb }) => liveMb)];
  const covariance = mean(({ tasks, liveMb }) => (tasks - meanTasks) * (liveMb - meanLive));
  return covariance / mean(({ tasks }) => (tasks - meanTasks) ** 2);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
