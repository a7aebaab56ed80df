import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Disk, type DiskStep, finalDisk, stepsOf } from "./disk.js";
import type { PowerCutMutant } from "./mutants.js";
import { createRecorder, REPORTS_FILE } from "./recorder.js";
import { TROUBLED_VARIABLE } from "./tasks.js";

const PLAYER = join(import.meta.dirname, "player.ts");
const BREAKER = join(import.meta.dirname, "break-in.mjs");

interface Cast {
  readonly workers: number;
  readonly others: readonly string[];
  readonly caller: string;
}

export type PlayKind = "staged" | "quiet" | "busy" | "troubled";

export const PLAYS: readonly PlayKind[] = ["staged", "quiet", "busy", "troubled"];

const CASTS: { readonly [kind in PlayKind]: Cast } = {
  /** What chance may miss, by one process. */
  staged: { workers: 0, others: [], caller: "staged" },
  /** Tasks come one after the other, so that nobody's sync covers what another forgot. */
  quiet: { workers: 1, others: [], caller: "quietCaller" },
  /** Tasks flow beside each other, and are started twice, looked at and followed by further processes. */
  busy: { workers: 2, others: ["watcher", "follower"], caller: "caller" },
  /**
   * The disk is full, read-only or failing now and then, somebody holds the database locked, and clocks jump. Every
   * call may fail, and is repeated.
   */
  troubled: { workers: 2, others: ["holder"], caller: "stubbornCaller" },
};

/**
 * Lets several processes work on one directory, from nothing to the end of every task, and returns all that they did
 * to the disk and what they reported.
 * @param mutant how to break them
 */
export async function recordPlay(kind: PlayKind, tasks: number, mutant?: PowerCutMutant): Promise<readonly DiskStep[]> {
  const scratch = mkdtempSync(join(tmpdir(), "agenthandoff-record-"));
  const directory = join(scratch, "data");
  mkdirSync(directory);
  const recorder = createRecorder(directory, scratch);
  const children = new Set<ChildProcess>();
  const cast = CASTS[kind];
  const isTroubled = kind === "troubled";

  async function play(role: string): Promise<{ readonly child: ChildProcess; readonly ended: Promise<void> }> {
    const breaking = mutant === undefined ? [] : ["--import", BREAKER];
    const args = ["--conditions=@agenthandoff/source", ...breaking, "--import", "tsx", PLAYER];
    const env = {
      ...process.env,
      ...recorder.environment,
      ...(isTroubled && { [TROUBLED_VARIABLE]: "1" }),
      ...(mutant !== undefined && { POWER_CUT_MUTANT: JSON.stringify(mutant) }),
    };
    const child = spawn(process.execPath, [...args, role, directory, String(tasks)], {
      stdio: ["pipe", "pipe", "inherit"],
      env,
    });
    children.add(child);
    const ended = once(child, "exit").then(([code, signal]) => {
      children.delete(child);
      if (code !== 0) throw new Error(`the recorded ${role} of a ${kind} play ended with ${code ?? signal}`);
    });
    // It is waited for, yet perhaps not before somebody else fails.
    ended.catch(() => {});
    await Promise.race([once(child.stdout, "data"), ended]);
    return { child, ended };
  }

  const end = async (players: readonly { readonly child: ChildProcess; readonly ended: Promise<void> }[]) => {
    for (const { child } of players) child.kill("SIGTERM");
    await Promise.all(players.map(({ ended }) => ended));
  };

  try {
    // The first makes the database, and the others find it.
    const workers = cast.workers > 0 ? [await play("worker")] : [];
    for (const each of await Promise.all(Array.from({ length: cast.workers - 1 }, () => play("worker"))))
      workers.push(each);
    const others = await Promise.all(cast.others.map(play));
    if (isTroubled) recorder.makeTrouble(true);
    const caller = await play(cast.caller);
    // One worker ends in good order on the way, and another takes its place: the log is emptied into the database.
    const early = workers.pop();
    if (early !== undefined) {
      await end([early]);
      workers.push(await play("worker"));
    }
    // Nobody else ends before they are told to, unless they fail.
    await Promise.race([caller.ended, Promise.all([...workers, ...others].map(({ ended }) => ended))]);
    await caller.ended;
    recorder.makeTrouble(false);
    await end([...others, ...workers]);
    const steps = stepsOf(recorder.read());
    assertWhole(steps, directory);
    return steps;
  } finally {
    for (const child of children) child.kill("SIGKILL");
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What was recorded must make the very files that are there, or the record missed something. */
function assertWhole(steps: readonly DiskStep[], directory: string): void {
  const disk: Disk = finalDisk(steps);
  const files = readdirSync(directory).filter((file) => file !== REPORTS_FILE && !file.endsWith("-shm"));
  for (const file of new Set([...files, ...disk.keys()])) {
    const found = files.includes(file) ? readFileSync(join(directory, file)) : undefined;
    const recorded = disk.get(file);
    if (found === undefined || recorded === undefined || !found.equals(recorded))
      throw new Error(`${file} is not what its recorded writes make of it`);
  }
}
