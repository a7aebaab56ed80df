import type { Clock } from "../ports/index.js";

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** How many sleeps have not ended yet. */
  readonly pending: number;

  /**
   * Moves time forward by `ms` milliseconds and ends the sleeps that fall due on the way, in the order of their
   * times; each sees `now()` at its own time. Between two sleeps (and before the first and after the last) promise
   * jobs and immediates run, so that what one sleep's end sets off may sleep again and be woken on the same way.
   * Work outside of the event loop's turn (files, threads, sockets) is not waited for.
   */
  advance(ms: number): Promise<void>;
}

export interface FakeClockOptions {
  /** Where time begins, in milliseconds since the epoch. Default: 2026-01-01T00:00:00.000Z. */
  readonly now?: number;
}

interface Sleep {
  readonly at: number;
  readonly end: () => void;
}

/** How many turns of the event loop are given to what a sleep's end has set off. */
const TURNS_TO_SETTLE = 3;

async function settle(): Promise<void> {
  for (let turn = 0; turn < TURNS_TO_SETTLE; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Time under a test's control: nothing moves it but `advance`. */
export function fakeClock(options: FakeClockOptions = {}): FakeClock {
  let now = options.now ?? Date.UTC(2026, 0, 1);
  const sleeps = new Set<Sleep>();

  /** The sleep that falls due first at or before `limit`; of several at one time the one that began first. */
  function nextDue(limit: number): Sleep | undefined {
    let next: Sleep | undefined;
    for (const sleep of sleeps) if (sleep.at <= limit && (next === undefined || sleep.at < next.at)) next = sleep;
    return next;
  }

  return {
    now: () => now,
    get pending() {
      return sleeps.size;
    },
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      if (!(ms > 0)) return;
      await new Promise<void>((resolve, reject) => {
        const finish = (settlePromise: () => void): void => {
          sleeps.delete(sleep);
          signal?.removeEventListener("abort", abort);
          settlePromise();
        };
        const abort = (): void => finish(() => reject(signal?.reason));
        const sleep: Sleep = { at: now + ms, end: () => finish(resolve) };
        sleeps.add(sleep);
        signal?.addEventListener("abort", abort, { once: true });
      });
    },
    async advance(ms) {
      const target = now + ms;
      await settle();
      for (let sleep = nextDue(target); sleep !== undefined; sleep = nextDue(target)) {
        now = Math.max(now, sleep.at);
        sleep.end();
        await settle();
      }
      now = Math.max(now, target);
    },
  };
}
