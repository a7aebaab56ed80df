import type { Clock } from "@agenthandoff/core";

/** Waits for news of one topic. */
export interface Listener {
  /** Resolves when there is news that came after the last wait, after `ms`, or once `signal` is aborted. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  stop(): void;
}

/** How workers learn that something may have come: at once within a process, by looking from other processes. */
export interface Wake {
  listen(topic: string): Listener;
  /** Rings every listener on this topic in this process. */
  ring(topic: string): void;
  /** Rings every listener of this handle. */
  ringAll(): void;
}

export interface WakeOptions {
  /** The database: handles of one process on the same one ring each other. */
  readonly file: string;
  readonly clock: Clock;
  /** Differs from its last value if another connection has committed since. Looked at only while somebody listens. */
  readonly version: () => number;
}

/** How often a waiting process looks for commits by others: soon after one, then less and less often. */
const LOOK_MS = { soon: 5, late: 50 };

interface Bell {
  readonly topic: string;
  readonly ring: () => void;
}

/** The bells of this process, by database. */
const bellsByFile = new Map<string, Set<Bell>>();

export function createWake({ file, clock, version }: WakeOptions): Wake {
  const own = new Set<Bell>();
  let looking: AbortController | undefined;
  let seen: number | undefined;
  let pauseMs = LOOK_MS.soon;

  function ringAll(): void {
    for (const bell of [...own]) bell.ring();
  }

  function current(): number | undefined {
    try {
      return version();
    } catch {
      return undefined;
    }
  }

  function look(): void {
    const now = current();
    // A failure counts as news: whoever is woken meets the same error, and reports it.
    const isNews = now === undefined || now !== seen;
    pauseMs = isNews ? LOOK_MS.soon : Math.min(pauseMs * 2, LOOK_MS.late);
    if (isNews) ringAll();
    seen = now;
  }

  async function keepLooking(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await clock.sleep(pauseMs, signal);
      } catch {
        return;
      }
      look();
    }
  }

  function add(bell: Bell): void {
    own.add(bell);
    const bells = bellsByFile.get(file) ?? new Set();
    bellsByFile.set(file, bells.add(bell));
    if (looking !== undefined) return;
    looking = new AbortController();
    // Before anything else: what is committed from now on counts as news.
    seen = current();
    void keepLooking(looking.signal);
  }

  function remove(bell: Bell): void {
    own.delete(bell);
    const bells = bellsByFile.get(file);
    bells?.delete(bell);
    if (bells?.size === 0) bellsByFile.delete(file);
    if (own.size > 0) return;
    looking?.abort();
    looking = undefined;
  }

  return {
    ring(topic) {
      for (const bell of [...(bellsByFile.get(file) ?? [])]) if (bell.topic === topic) bell.ring();
    },
    ringAll,
    listen(topic) {
      let isRung = false;
      let end: (() => void) | undefined;
      const bell: Bell = {
        topic,
        ring() {
          isRung = true;
          end?.();
        },
      };
      add(bell);
      return {
        async wait(ms, signal) {
          if (!isRung && signal?.aborted !== true) {
            const ended = new AbortController();
            end = () => ended.abort();
            signal?.addEventListener("abort", end);
            try {
              await clock.sleep(ms, ended.signal);
            } catch (error) {
              if (!ended.signal.aborted) throw error;
            } finally {
              signal?.removeEventListener("abort", end);
              end = undefined;
            }
          }
          isRung = false;
        },
        stop: () => remove(bell),
      };
    },
  };
}
