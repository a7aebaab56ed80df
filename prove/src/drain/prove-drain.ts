import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { AuditEvent, Relay } from "@agenthandoff/core";
import type { Endpoints } from "../crash/aws-backend.js";
import { whatIsWrong } from "../crash/check-task.js";
import { type JournalLine, readJournal, whereItFell } from "../crash/journal.js";
import { type BackendName, createPlace, openBackend } from "../crash/places.js";
import { AGENTS, type AgentName, type Assignment, crashRelay } from "../crash/scenario.js";
import { startWorker, type WorkerProcess } from "../crash/start-worker.js";

export interface DrainOptions {
  /** Default: local. */
  readonly backend?: BackendName;
  /** Of servers that stand for AWS and run already. Default: some are started. */
  readonly endpoints?: Endpoints;
  /** How many workers are told to stop while an agent runs. */
  readonly stops: number;
  readonly onProgress?: (line: string) => void;
}

export interface DrainReport {
  readonly stops: number;
  /** Workers that had to be killed, or ended with an error. */
  readonly overdue: number;
  /** From the signal to the end of the process, in milliseconds: the quickest, the median, the slowest. */
  readonly drainMs: readonly [number, number, number];
  readonly tasks: number;
  /** Runs that were cut short, and given back. */
  readonly givenBack: number;
  /** Attempts that count beyond the one that committed. */
  readonly counted: number;
  /** Runs of a hop whose result had been committed. */
  readonly repeated: number;
  readonly problems: readonly string[];
}

const OUTPUTS = 6;
/** About as often longer than what a worker has to drain as not. */
const MAX_RUN_MS = 2_500;
/** What a container's engine grants, as our documentation asks. */
const KILLED_AFTER_MS = 30_000;
const LONGEST_WAIT_MS = 5 * 60_000;
const TASKS_AT_A_TIME = 3;

/** Tells one worker after the other to stop while agents run, lets the next go on, and checks what that cost. */
export async function proveDrain({
  backend = "local",
  endpoints,
  stops,
  onProgress = () => {},
}: DrainOptions): Promise<DrainReport> {
  const place = await createPlace(backend, endpoints);
  const relay = crashRelay(openBackend(place.settings), async () => {});
  const assignments = new Map<string, Assignment>();
  const journals: string[] = [];
  const drained: number[] = [];
  let overdue = 0;
  let worker: WorkerProcess | undefined;
  const hire = async (maxRunMs: number): Promise<{ worker: WorkerProcess; journal: string }> => {
    const journal = join(place.folder, `journal-${journals.length}.ndjson`);
    journals.push(journal);
    const life = { journal, maxRunMs, killAt: "none", countdown: 0 } as const;
    worker = await startWorker({ backend: place.settings, agents: AGENTS, ...life });
    return { worker, journal };
  };
  try {
    for (let stop = 0; stop < stops; stop++) {
      await keepTasksGoing(relay, assignments);
      const { worker, journal } = await hire(MAX_RUN_MS);
      await untilARunIsOn(journal);
      await delay(Math.random() * 300);
      const { ms, inTime } = await tellToStop(worker);
      drained.push(ms);
      if (!inTime) overdue++;
      if ((stop + 1) % 10 === 0) onProgress(`${stop + 1} workers were told to stop`);
    }
    const { worker } = await hire(10);
    const deadline = Date.now() + LONGEST_WAIT_MS;
    const problems: string[] = [];
    let [counted, givenBack] = [0, 0];
    for (const [taskId, assignment] of assignments) {
      const task = relay.task(taskId);
      problems.push(...(await whatIsWrong(task, assignment, deadline)));
      const cost = costOf(await task.audit());
      counted += cost.counted;
      givenBack += cost.givenBack;
    }
    await tellToStop(worker);
    return {
      stops,
      overdue,
      drainMs: spread(drained),
      tasks: assignments.size,
      givenBack,
      counted,
      repeated: repeatedIn(journals.flatMap(readJournal)),
      problems,
    };
  } finally {
    worker?.child.kill("SIGKILL");
    await relay.close();
    await place.dispose();
  }
}

async function keepTasksGoing(relay: Relay<AgentName>, assignments: Map<string, Assignment>): Promise<void> {
  let going = 0;
  for await (const { status } of relay.tasks()) if (status === "running") going++;
  for (; going < TASKS_AT_A_TIME; going++) {
    const assignment = { seed: assignments.size + 1, outputs: OUTPUTS };
    const taskId = `task-${assignment.seed}`;
    assignments.set(taskId, assignment);
    await relay.start({ to: "alpha", input: assignment, taskId });
  }
}

async function untilARunIsOn(journal: string): Promise<void> {
  while (!whereItFell(readJournal(journal)).duringRun) await delay(20);
}

async function tellToStop({ child, exited }: WorkerProcess): Promise<{ ms: number; inTime: boolean }> {
  const toldAt = performance.now();
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), KILLED_AFTER_MS);
  const [code] = await exited;
  clearTimeout(timer);
  return { ms: performance.now() - toldAt, inTime: code === 0 };
}

/** Of each hop one attempt may count: the one that committed. */
function costOf(events: readonly AuditEvent[]): { counted: number; givenBack: number } {
  const of = (kind: AuditEvent["kind"]) => events.filter((event) => event.kind === kind);
  const givenBack = of("attempt_released").length;
  const commits = of("committed").filter(({ detail }) => typeof detail.attempt === "string").length;
  return { givenBack, counted: of("attempt_started").length - givenBack - commits };
}

/** Workers follow each other, so their journals, one after the other, are in the order in which things happened. */
function repeatedIn(lines: readonly JournalLine[]): number {
  const committed = new Set<string>();
  let repeated = 0;
  for (const { at, taskId, hop } of lines) {
    if (at === "committed") committed.add(`${taskId} ${hop}`);
    if (at === "run" && committed.has(`${taskId} ${hop + 1}`)) repeated++;
  }
  return repeated;
}

function spread(values: readonly number[]): readonly [number, number, number] {
  const sorted = values.map(Math.round).sort((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? 0;
  return [at(0), at(sorted.length >> 1), at(sorted.length - 1)];
}
