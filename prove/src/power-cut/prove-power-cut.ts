import { seededRandom } from "@agenthandoff/core/memory";
import { DATABASE_FILE } from "../../../packages/local/src/connections.js";
import { type Contents, createCopies, readContents } from "./copies.js";
import { type CutState, cutStates } from "./cut-states.js";
import { type Disk, type DiskStep, isChange } from "./disk.js";
import { type Facts, whatIsWrongWith, whatWasTakenBack } from "./facts.js";
import { POWER_CUT_MUTANTS, type PowerCutMutant } from "./mutants.js";
import { PLAYS, type PlayKind, recordPlay } from "./record-play.js";
import { type Recovery, recover } from "./recover.js";
import type { Report } from "./report.js";
import { type RecordedTask, recordedTasks, SECRET, STORIES } from "./tasks.js";

export interface PowerCutOptions {
  readonly tasks: number;
  /** At every manyth write the cut also falls inside it, and loses some of what was not synced. Default: 1. */
  readonly tornEvery?: number;
  /** Only after every manyth write does the power go. Default: 1. */
  readonly cutEvery?: number;
  /** Which plays are recorded. Default: all. */
  readonly plays?: readonly PlayKind[];
  /** A way to break the processes, which must be found. */
  readonly mutant?: PowerCutMutant;
  /** Default: no. */
  readonly stopAtFirst?: boolean;
  readonly onProgress?: (line: string) => void;
}

export interface PowerCutReport {
  readonly tasks: number;
  readonly writes: number;
  readonly syncs: number;
  /** Writes and syncs that were made to fail. */
  readonly faults: number;
  readonly reports: number;
  /** Cuts whose copies were opened. */
  readonly cuts: number;
  /** Different contents among them; on each, work went on to the end of every task. */
  readonly states: number;
  /** Cuts that took back what had been reported. */
  readonly takenBack: number;
  /** Cuts after which something else is wrong: an invariant does not hold, a task does not end. */
  readonly broken: number;
  readonly problems: readonly string[];
}

const MAX_PROBLEMS = 50;

/** Cuts the power at every moment of the recorded plays, and checks what is found when it comes back. */
export async function provePowerCut(options: PowerCutOptions): Promise<PowerCutReport> {
  const { tasks } = options;
  const total = { tasks, writes: 0, syncs: 0, faults: 0, reports: 0, cuts: 0, states: 0, takenBack: 0, broken: 0 };
  const problems = new Set<string>();
  for (const kind of options.plays ?? PLAYS) {
    const count = kind === "staged" ? STORIES.length : tasks;
    const steps = await recordPlay(kind, count, options.mutant);
    for (const step of steps) {
      if (step.kind === "sync") total.syncs++;
      else if (step.kind === "report") total.reports++;
      else if (isChange(step)) total.writes++;
      else total.faults++;
    }
    options.onProgress?.(
      `a ${kind} play is recorded: ${total.writes} writes, ${total.syncs} syncs, ${total.faults} faults, ${total.reports} reports so far`,
    );
    const found = await cutEverywhere(steps, { ...options, tasks: count }, problems);
    for (const key of ["cuts", "states", "takenBack", "broken"] as const) total[key] += found[key];
    if (options.stopAtFirst === true && problems.size > 0) break;
  }
  return { ...total, problems: [...problems] };
}

async function cutEverywhere(
  steps: readonly DiskStep[],
  { tasks, tornEvery = 1, cutEvery = 1, stopAtFirst = false, onProgress = () => {} }: PowerCutOptions,
  problems: Set<string>,
): Promise<Pick<PowerCutReport, "cuts" | "states" | "takenBack" | "broken">> {
  const random = seededRandom(1);
  const checker = createChecker(steps, recordedTasks(tasks));
  let [cuts, takenBack, broken] = [0, 0, 0];
  try {
    for (const state of cutStates(steps, { tornEvery, cutEvery, random: random.number })) {
      const found = await checker.check(state);
      cuts++;
      if (found.takenBack.length > 0) takenBack++;
      if (found.broken.length > 0) broken++;
      // One loss shows in many cuts.
      for (const problem of [...found.takenBack, ...found.broken])
        if (problems.size < MAX_PROBLEMS) problems.add(`${problem} [${state.how}]`);
      if (stopAtFirst && problems.size > 0) break;
      if (cuts % 1_000 === 0) onProgress(`${cuts} cuts, ${checker.states()} states, ${takenBack + broken} bad`);
    }
    return { cuts, states: checker.states(), takenBack, broken };
  } finally {
    checker.close();
  }
}

function createChecker(steps: readonly DiskStep[], tasks: readonly RecordedTask[]) {
  const reports = steps.flatMap((step, at) => (step.kind === "report" ? [{ at, told: step.report as Report }] : []));
  const copies = createCopies();
  /** By contents: what differs only in what was not committed is the same to everybody. */
  const known = new Map<string, Recovery>();
  const now = Date.now() + 60_000;

  async function recovered(disk: Disk, contents: Contents): Promise<Recovery> {
    const found = known.get(contents.fingerprint);
    if (found !== undefined) return found;
    const recovery = await copies.with(disk, (directory) => recover(directory, tasks, now));
    known.set(contents.fingerprint, recovery);
    return recovery;
  }

  return {
    states: () => known.size,
    close: copies.remove,
    async check({ disk, reportsBefore }: CutState): Promise<{ takenBack: string[]; broken: string[] }> {
      const told = reports.filter(({ at }) => at < reportsBefore).map(({ told: each }) => each);
      let contents: Contents;
      let recovery: Recovery;
      try {
        if (!disk.has(DATABASE_FILE) && told.length === 0) return { takenBack: [], broken: [] };
        contents = copies.with(disk, readContents);
        recovery = await recovered(disk, contents);
      } catch (error) {
        return { takenBack: [], broken: [`what the cut left cannot be used: ${String(error)}`] };
      }
      const { facts, problems } = recovery;
      const broken = [...problems, ...contents.messages.flatMap((message) => whatIsWrongWith(message, facts) ?? [])];
      if (contents.integrity !== "ok") broken.push(`SQLite finds: ${contents.integrity}`);
      broken.push(...secretsLeft(told, tasks, disk));
      return { takenBack: taken(told, facts), broken };
    },
  };
}

function taken(told: readonly Report[], facts: Facts): string[] {
  return told.flatMap((report) => whatWasTakenBack(report, facts) ?? []);
}

/** Once every erasure was reported, nothing of what was erased may be on the disk. */
function secretsLeft(told: readonly Report[], tasks: readonly RecordedTask[], disk: Disk): string[] {
  const erased = new Set(told.filter(({ what }) => what === "erased").map(({ taskId }) => taskId));
  if (erased.size === 0 || tasks.some(({ story, taskId }) => story === "erased" && !erased.has(taskId))) return [];
  return [...disk].flatMap(([file, bytes]) => (bytes.includes(SECRET) ? [`${file} still holds what was erased`] : []));
}

/** Breaks the backend and the runtime in every known way to tell too early, and checks that a power cut shows each. */
export async function provePowerCutMutants(
  onProgress: (line: string) => void,
  mutants: readonly PowerCutMutant[] = POWER_CUT_MUTANTS,
): Promise<{ readonly killed: number; readonly total: number }> {
  let killed = 0;
  for (const mutant of mutants) {
    const { problems } = await provePowerCut({ tasks: STORIES.length, tornEvery: 10, mutant, stopAtFirst: true });
    const [by] = problems;
    if (by !== undefined) killed++;
    onProgress(by === undefined ? `SURVIVED: ${mutant.name} (${mutant.breaks})` : `killed: ${mutant.name}: ${by}`);
  }
  return { killed, total: mutants.length };
}
