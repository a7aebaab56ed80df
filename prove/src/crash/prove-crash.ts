import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Relay, Task } from "@agenthandoff/core";
import { type JournalLine, readJournal, whereItFell } from "./journal.js";
import { type BackendName, createPlace, type Endpoints, openBackend, type Place } from "./places.js";
import { type AgentName, type Assignment, crashRelay, whatWasLost } from "./scenario.js";
import type { KillPoint, WorkerSettings } from "./worker.js";

export interface CrashOptions {
  /** Default: local. */
  readonly backend?: BackendName;
  /** Of servers that stand for AWS and run already. Default: some are started. */
  readonly endpoints?: Endpoints;
  readonly kills: number;
  readonly tasks: number;
  readonly workers?: number;
  readonly onProgress?: (line: string) => void;
}

export interface CrashReport {
  readonly kills: number;
  readonly killsDuringRun: number;
  readonly killsBetweenCommitAndSend: number;
  readonly tasks: number;
  /** Tasks that did not end as they must have, each with what is wrong. */
  readonly lost: number;
  /** Hops that were committed, or told of, more than once. */
  readonly doubled: number;
  /** Runs beyond one for each hop. */
  readonly repeatedRuns: number;
  readonly problems: readonly string[];
}

const OUTPUTS = 6;
const MAX_RUN_MS = 40;
const POINTS: readonly KillPoint[] = ["none", "none", "in-run", "after-commit", "before-send", "after-send"];

/** Several worker processes on one backend, killed again and again while tasks flow; then everything is checked. */
export async function proveCrash({
  backend: backendName = "local",
  endpoints,
  kills,
  tasks,
  workers = 2,
  onProgress = () => {},
}: CrashOptions): Promise<CrashReport> {
  const place = await createPlace(backendName, endpoints);
  const crew = createCrew(place);
  const relay = crashRelay(openBackend(place.settings), async () => {});
  const assignments = new Map<string, Assignment>();
  let [killsDuringRun, killsBetweenCommitAndSend] = [0, 0];
  try {
    const team = await Promise.all(Array.from({ length: workers }, () => crew.hire(pickPoint())));
    for (let kill = 0; kill < kills; kill++) {
      await startTasks(relay, assignments, Math.ceil((tasks * (kill + 1)) / kills));
      const place = kill % team.length;
      const victim = team[place];
      if (victim === undefined) throw new RangeError("there is no worker to kill");
      await victim.die();
      const fell = whereItFell(victim.journal());
      if (fell.duringRun) killsDuringRun++;
      if (fell.betweenCommitAndSend) killsBetweenCommitAndSend++;
      team[place] = await crew.hire(pickPoint());
      if ((kill + 1) % 25 === 0)
        onProgress(
          `${kill + 1} kills, ${killsDuringRun} during a run, ${killsBetweenCommitAndSend} between commit and send`,
        );
    }
    await Promise.all(team.map((worker) => worker.dismiss()));
    const last = await crew.hire("none");
    const problems: string[] = [];
    for (const [taskId, assignment] of assignments) problems.push(...(await check(relay, taskId, assignment)));
    await last.dismiss();
    const tally = tallyOf(crew.journals());
    return {
      kills,
      killsDuringRun,
      killsBetweenCommitAndSend,
      tasks: assignments.size,
      lost: problems.length,
      doubled: tally.doubled,
      repeatedRuns: tally.runs - assignments.size * OUTPUTS,
      problems,
    };
  } finally {
    crew.killAll();
    await relay.close();
    await place.dispose();
  }
}

async function startTasks(relay: Relay<AgentName>, assignments: Map<string, Assignment>, upTo: number): Promise<void> {
  while (assignments.size < upTo) {
    const assignment = { seed: assignments.size + 1, outputs: OUTPUTS };
    const taskId = `task-${assignment.seed}`;
    assignments.set(taskId, assignment);
    await relay.start({ to: "alpha", input: assignment, taskId });
  }
}

async function check(relay: Relay<AgentName>, taskId: string, assignment: Assignment): Promise<string[]> {
  const task = relay.task(taskId);
  const result = await task.result();
  if (result.status !== "completed")
    return [`${taskId} is ${result.status}: ${"reason" in result ? result.reason : ""}`];
  const problems: string[] = [];
  const lost = await whatWasLost(await task.context(), assignment);
  if (lost !== undefined) problems.push(`${taskId}: ${lost}`);
  for (const { hop, what } of (await task.verify()).problems) problems.push(`${taskId} hop ${hop}: ${what}`);
  problems.push(...(await whatTheAuditGotWrong(task)).map((what) => `${taskId}: ${what}`));
  return problems;
}

/** The audit tells of each hop of the chain once, with its hash, and of nothing else. */
async function whatTheAuditGotWrong(task: Task): Promise<string[]> {
  const { handoffs } = await task.context();
  const told = (await task.audit()).filter(({ kind }) => kind === "committed").map(({ hop }) => hop);
  const expected = handoffs.map(({ hop }) => hop);
  return String(told) === String(expected) ? [] : [`the audit tells of the hops ${told}, the chain has ${expected}`];
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

function pickPoint(): KillPoint {
  return POINTS[Math.floor(Math.random() * POINTS.length)] ?? "none";
}

interface CrewMember {
  /** Waits for it to reach its point or for a random moment, and makes sure that it is dead. */
  die(): Promise<void>;
  dismiss(): Promise<void>;
  journal(): JournalLine[];
}

function createCrew({ settings: backend, folder }: Place) {
  const children: ChildProcess[] = [];
  const files: string[] = [];

  async function hire(killAt: KillPoint): Promise<CrewMember> {
    const journal = join(folder, `journal-${files.length}.ndjson`);
    files.push(journal);
    const settings: WorkerSettings = {
      backend,
      journal,
      killAt,
      countdown: 1 + Math.floor(Math.random() * 6),
      maxRunMs: MAX_RUN_MS,
    };
    const child = spawn(
      process.execPath,
      [
        "--conditions=@agenthandoff/source",
        "--import",
        "tsx",
        join(import.meta.dirname, "worker.ts"),
        JSON.stringify(settings),
      ],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    children.push(child);
    const exited = once(child, "exit");
    await Promise.race([once(child.stdout, "data"), exited]);
    return {
      async die() {
        const patience = killAt === "none" ? Math.random() * 300 : 2_000;
        await Promise.race([exited, delay(patience)]);
        child.kill("SIGKILL");
        await exited;
      },
      async dismiss() {
        child.kill("SIGTERM");
        await exited;
      },
      journal: () => readJournal(journal),
    };
  }

  return {
    hire,
    killAll: () => {
      for (const child of children) if (child.exitCode === null) child.kill("SIGKILL");
    },
    journals: () => files.flatMap(readJournal),
  };
}
