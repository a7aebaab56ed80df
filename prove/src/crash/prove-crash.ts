import type { Relay } from "@agenthandoff/core";
import type { Endpoints } from "./aws-backend.js";
import { whatIsWrong } from "./check-task.js";
import { createCrew } from "./crew.js";
import type { CrewMember } from "./crew-member.js";
import { type JournalLine, whereItFell } from "./journal.js";
import { type BackendName, createPlace, openBackend } from "./places.js";
import { type AgentName, type Assignment, crashRelay } from "./scenario.js";

export interface CrashOptions {
  /** Default: local. */
  readonly backend?: BackendName;
  /** Of servers that stand for AWS and run already. Default: some are started. */
  readonly endpoints?: Endpoints;
  readonly kills: number;
  readonly tasks: number;
  /** How many workers and functions there are at a time. Default: 2 workers; on `aws` 2 workers and 2 functions. */
  readonly members?: number;
  readonly onProgress?: (line: string) => void;
}

export interface CrashReport {
  readonly kills: number;
  readonly killsDuringRun: number;
  readonly killsBetweenCommitAndSend: number;
  /** Of processes of Lambda functions; only on `aws`. */
  readonly killsOfFunctions?: number;
  readonly tasks: number;
  /** Tasks that did not end as they must have, each with what is wrong. */
  readonly lost: number;
  /** Hops that were committed, or told of, more than once. */
  readonly doubled: number;
  /** Runs beyond one for each hop. */
  readonly repeatedRuns: number;
  readonly problems: readonly string[];
}

/** From the last kill on: far longer than any message stays hidden, and far less than the reconciler takes for lost. */
const LONGEST_WAIT_MS = 5 * 60_000;

/** On `aws` a process takes longer to start and a hop longer to do: longer tasks keep work in flight for each kill. */
const TASKS: Readonly<Record<BackendName, { readonly outputs: number; readonly maxRunMs: number }>> = {
  local: { outputs: 6, maxRunMs: 40 },
  aws: { outputs: 12, maxRunMs: 300 },
};

/**
 * Workers, and on `aws` Lambda functions, on one backend, killed again and again while tasks flow; then everything is
 * checked.
 */
export async function proveCrash({
  backend: backendName = "local",
  endpoints,
  kills,
  tasks,
  members = backendName === "aws" ? 4 : 2,
  onProgress = () => {},
}: CrashOptions): Promise<CrashReport> {
  const place = await createPlace(backendName, endpoints);
  const { outputs, maxRunMs } = TASKS[backendName];
  const crew = createCrew(place, maxRunMs);
  const relay = crashRelay(openBackend(place.settings), async () => {});
  const assignments = new Map<string, Assignment>();
  const fallen = { killsDuringRun: 0, killsBetweenCommitAndSend: 0, killsOfFunctions: 0 };
  try {
    const team = await Promise.all(Array.from({ length: members }, (_, index) => crew.hire(index)));
    for (let kill = 0; kill < kills; kill++) {
      // Never fewer at first than there are members, or the first kills would meet nobody at work.
      const started = Math.max(Math.min(tasks, members), Math.ceil((tasks * (kill + 1)) / kills));
      await startTasks(relay, assignments, outputs, started);
      const { isFunction, journal } = await killOneOf(team, kill);
      const fell = whereItFell(journal);
      if (fell.duringRun) fallen.killsDuringRun++;
      if (fell.betweenCommitAndSend) fallen.killsBetweenCommitAndSend++;
      if (isFunction) fallen.killsOfFunctions++;
      if ((kill + 1) % 25 === 0) onProgress(`${kill + 1} kills, of which ${JSON.stringify(fallen)}`);
    }
    await Promise.all(team.map((member) => member.dismiss()));
    const last = await crew.hireImmortal();
    const deadline = Date.now() + LONGEST_WAIT_MS;
    const problems: string[] = [];
    for (const [taskId, assignment] of assignments)
      problems.push(...(await whatIsWrong(relay.task(taskId), assignment, deadline)));
    await last.dismiss();
    const tally = tallyOf(crew.journals());
    const { killsOfFunctions, ...everywhere } = fallen;
    return {
      kills,
      ...everywhere,
      ...(backendName === "aws" ? { killsOfFunctions } : {}),
      tasks: assignments.size,
      lost: problems.length,
      doubled: tally.doubled,
      repeatedRuns: tally.runs - assignments.size * outputs,
      problems,
    };
  } finally {
    await crew.abandonAll();
    await relay.close();
    await place.dispose();
  }
}

/** Whose turn it is, or the next who has a process: a function without messages has none. */
async function killOneOf(
  team: readonly CrewMember[],
  turn: number,
): Promise<{ readonly isFunction: boolean; readonly journal: readonly JournalLine[] }> {
  for (let offset = 0; offset < team.length; offset++) {
    const victim = team[(turn + offset) % team.length];
    const journal = await victim?.kill();
    if (victim !== undefined && journal !== undefined) return { isFunction: victim.isFunction, journal };
  }
  throw new RangeError("there is nobody to kill");
}

async function startTasks(
  relay: Relay<AgentName>,
  assignments: Map<string, Assignment>,
  outputs: number,
  upTo: number,
): Promise<void> {
  while (assignments.size < upTo) {
    const assignment = { seed: assignments.size + 1, outputs };
    const taskId = `task-${assignment.seed}`;
    assignments.set(taskId, assignment);
    await relay.start({ to: "alpha", input: assignment, taskId });
  }
}

function tallyOf(lines: readonly JournalLine[]): { runs: number; doubled: number } {
  const committed = new Map<string, number>();
  let runs = 0;
  for (const line of lines) {
    if (line.at === "run") runs++;
    if (line.at === "committed")
      committed.set(`${line.taskId} ${line.hop}`, (committed.get(`${line.taskId} ${line.hop}`) ?? 0) + 1);
  }
  return { runs, doubled: [...committed.values()].filter((count) => count > 1).length };
}
