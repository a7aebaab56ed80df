import { rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// A health check that asks for more than life would do harm: while AWS is out, a worker that is replaced again and
// again is of no more use than one that waits. What a new process mends is one that is stuck.

/** Both sides of the health check know it: the worker, and the process that the container's engine starts beside it. */
export const HEARTBEAT_FILE: string = join(tmpdir(), "agenthandoff-worker.alive");

const BEAT_MS = 5_000;
/** So long may an agent keep the event loop busy before its worker is taken for stuck. */
const STUCK_AFTER_MS = 60_000;

/** Shows that the event loop turns, until the signal is aborted. */
export function keepBeating(file: string, signal: AbortSignal): void {
  const beat = (): void => {
    const now = new Date();
    try {
      utimesSync(file, now, now);
    } catch {
      writeFileSync(file, "");
    }
  };
  beat();
  const timer = setInterval(beat, BEAT_MS);
  timer.unref();
  signal.addEventListener(
    "abort",
    () => {
      clearInterval(timer);
      rmSync(file, { force: true });
    },
    { once: true },
  );
}

/** Why the worker is not healthy, or `undefined`. */
export function whyNotAlive(file: string, now: number): string | undefined {
  const beatenAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (beatenAt === undefined) return "the worker has not begun, or has ended";
  const silentMs = now - beatenAt;
  if (silentMs <= STUCK_AFTER_MS) return undefined;
  return `the worker's event loop has stood still for ${Math.round(silentMs / 1_000)} s`;
}
