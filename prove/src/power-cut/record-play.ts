import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Disk, type DiskStep, finalDisk, stepsOf } from "./disk.js";
import type { PowerCutMutant } from "./mutants.js";
import { createRecorder, REPORTS_FILE, type Recorder } from "./recorder.js";

const PLAYER = join(import.meta.dirname, "player.ts");
const BREAKER = join(import.meta.dirname, "break-in.mjs");

/**
 * In a `busy` play tasks flow beside each other, and are started twice, looked at and followed by further processes; in
 * a `quiet` one they come one after the other, so that nobody's sync covers what another forgot; in a `troubled` one the
 * disk is full, read-only or failing now and then, somebody holds the database locked, and clocks jump.
 */
export const PLAYS = ["quiet", "busy", "troubled"] as const;

const { ENOSPC, EROFS, EIO } = constants.errno;
const TROUBLES = [{ writes: ENOSPC }, { syncs: EIO }, { writes: EROFS }, { writes: EIO }] as const;

/**
 * Lets several processes work on one directory, from nothing to the end of every task, and returns all that they did
 * to the disk and what they reported.
 * @param mutant how to break them
 */
export async function recordPlay(
  kind: (typeof PLAYS)[number],
  tasks: number,
  mutant?: PowerCutMutant,
): Promise<readonly DiskStep[]> {
  const scratch = mkdtempSync(join(tmpdir(), "agenthandoff-record-"));
  const directory = join(scratch, "data");
  mkdirSync(directory);
  const recorder = createRecorder(directory, scratch);
  const children = new Set<ChildProcess>();

  async function play(role: string): Promise<{ readonly child: ChildProcess; readonly ended: Promise<void> }> {
    const breaking = mutant === undefined ? [] : ["--import", BREAKER];
    const args = ["--conditions=@agenthandoff/source", ...breaking, "--import", "tsx", PLAYER];
    const env = {
      ...process.env,
      ...recorder.environment,
      ...(mutant !== undefined && { POWER_CUT_MUTANT: JSON.stringify(mutant) }),
    };
    const child = spawn(process.execPath, [...args, role, directory, String(tasks)], {
      stdio: ["ignore", "pipe", "inherit"],
      env,
    });
    children.add(child);
    const ended = once(child, "exit").then(([code, signal]) => {
      children.delete(child);
      if (code !== 0) throw new Error(`the recorded ${role} ended with ${code ?? signal}`);
    });
    await Promise.race([once(child.stdout, "data"), ended]);
    return { child, ended };
  }

  try {
    const workers = [await play("worker"), ...(kind === "quiet" ? [] : [await play("worker")])];
    const others = await Promise.all(OTHERS[kind].map(play));
    const caller = await play(CALLERS[kind]);
    const trouble = kind === "troubled" ? makeTrouble(recorder, caller.ended) : undefined;
    // One worker ends in good order on the way, and another takes its place: the log is emptied into the database.
    const early = workers.pop();
    early?.child.kill("SIGTERM");
    await early?.ended;
    workers.push(await play("worker"));
    await caller.ended;
    await trouble;
    for (const { child } of [...others, ...workers]) child.kill("SIGTERM");
    await Promise.all([...others, ...workers].map(({ ended }) => ended));
    const steps = stepsOf(recorder.read());
    assertWhole(steps, directory);
    return steps;
  } finally {
    for (const child of children) child.kill("SIGKILL");
    rmSync(scratch, { recursive: true, force: true });
  }
}

const CALLERS = { quiet: "quietCaller", busy: "caller", troubled: "stubbornCaller" } as const;
const OTHERS = { quiet: [], busy: ["watcher", "follower"], troubled: ["holder"] } as const;

/** Lets writes and syncs fail for a while, one way after the other, until the play has ended. */
async function makeTrouble(recorder: Recorder, ended: Promise<void>): Promise<void> {
  const over = new AbortController();
  const stop = () => over.abort();
  ended.then(stop, stop);
  for (let round = 0; !over.signal.aborted; round++) {
    await delay(300, undefined, { signal: over.signal }).catch(() => {});
    recorder.fail(TROUBLES[round % TROUBLES.length] ?? {});
    await delay(150, undefined, { signal: over.signal }).catch(() => {});
    recorder.fail({});
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
