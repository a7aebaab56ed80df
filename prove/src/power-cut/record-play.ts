import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Disk, type DiskStep, finalDisk, stepsOf } from "./disk.js";
import type { PowerCutMutant } from "./mutants.js";
import { createRecorder, REPORTS_FILE } from "./recorder.js";

const PLAYER = join(import.meta.dirname, "player.ts");
const BREAKER = join(import.meta.dirname, "break-in.mjs");

/**
 * How many play: in a `busy` play tasks flow beside each other, and are started twice, looked at and followed by further
 * processes; in a `quiet` one they come one after the other, so that nobody's sync covers what another forgot.
 */
export const PLAYS = ["quiet", "busy"] as const;

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
    const workers = [await play("worker"), ...(kind === "busy" ? [await play("worker")] : [])];
    const others = kind === "busy" ? await Promise.all([play("watcher"), play("follower")]) : [];
    const caller = await play(kind === "busy" ? "caller" : "quietCaller");
    // One worker ends in good order on the way, and another takes its place: the log is emptied into the database.
    const early = workers.pop();
    early?.child.kill("SIGTERM");
    await early?.ended;
    workers.push(await play("worker"));
    await caller.ended;
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
