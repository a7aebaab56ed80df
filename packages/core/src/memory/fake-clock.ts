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

  /**
   * Moves time on, from one sleep's end to the next, until `promise` settles, and settles as it does:
   * `await clock.until(relay.run(request))`. Time does not move while nothing sleeps. As with `advance`, work outside
   * of the event loop's turn is not waited for: what waits for the network may find that hours have passed.
   * @throws Error when `limitMs` milliseconds of this clock's time have passed before
   */
  until<T>(promise: Promise<T>, options?: UntilOptions): Promise<T>;
}

export interface UntilOptions {
  /** How far time may move, in milliseconds. Default: 2 days. */
  readonly limitMs?: number;
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

/** What is awaited may take many turns in a row (a graph of models does), and time must not run away from it. */
const TURNS_BETWEEN_SLEEPS = 20;

const DAY_MS = 86_400_000;

async function settle(turns = TURNS_TO_SETTLE): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Time under a test's control: nothing moves it but `advance`. */
export function fakeClock(options: FakeClockOptions = {}): FakeClock {
  let now = options.now ?? Date.UTC(2026, 0, 1);
  const sleeps = new Set<Sleep>();
  /** Counts the moves: of several who move time each lets what the others' moves set off settle first. */
  let moves = 0;
  /** Those who wait for a sleep to begin. */
  const watchers = new Set<() => void>();

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
        for (const notify of watchers) notify();
        signal?.addEventListener("abort", abort, { once: true });
      });
    },
    async advance(ms) {
      const target = now + ms;
      await settle();
      for (let sleep = nextDue(target); sleep !== undefined; sleep = nextDue(target)) {
        moveTo(sleep);
        await settle();
      }
      now = Math.max(now, target);
    },
    async until(promise, { limitMs = 2 * DAY_MS } = {}) {
      const limit = now + limitMs;
      let settled = false;
      const end = (): void => {
        settled = true;
      };
      const ended = promise.then(end, end);
      for (;;) {
        const seen = moves;
        await settle(TURNS_BETWEEN_SLEEPS);
        if (settled) return await promise;
        if (moves !== seen) continue;
        const sleep = nextDue(Number.POSITIVE_INFINITY);
        if (sleep === undefined) {
          await Promise.race([ended, nextSleep()]);
          continue;
        }
        if (sleep.at > limit) {
          throw new Error(
            `what this clock was moved for has not settled within ${limitMs} ms of its time; ` +
              "nothing that a dead process was asked ever does",
          );
        }
        moveTo(sleep);
      }
    },
  };

  function moveTo(sleep: Sleep): void {
    moves++;
    now = Math.max(now, sleep.at);
    sleep.end();
  }

  /** Without a timer of its own: a test that waits for nothing must be seen to. */
  function nextSleep(): Promise<void> {
    return new Promise((resolve) => {
      const notify = (): void => {
        watchers.delete(notify);
        resolve();
      };
      watchers.add(notify);
    });
  }
}
