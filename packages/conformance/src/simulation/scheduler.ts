import type { Clock } from "@agenthandoff/core";

/** Virtual time: a queue of things to do, each at its instant, in an order that the seed alone decides. */
export interface Scheduler {
  now(): number;
  /** Does something at an instant; what is due at one instant happens in the order of these calls. */
  at(instant: number, act: () => void): () => void;
  /**
   * Does what is due, one thing at a time, letting every promise settle in between, until `done` says so, nothing is
   * left, or time has reached `until`.
   */
  run(options: { readonly until: number; readonly done?: () => boolean }): Promise<"done" | "idle" | "time-up">;
  /** A clock on this time, `skewMs` off, whose sleeps never end once `alive` says no. */
  clock(skewMs: number, alive: () => boolean): Clock;
}

interface Entry {
  readonly instant: number;
  readonly order: number;
  act: (() => void) | undefined;
}

export function createScheduler(start: number): Scheduler {
  let now = start;
  let order = 0;
  const heap: Entry[] = [];

  const at = (instant: number, act: () => void): (() => void) => {
    const entry: Entry = { instant: Math.max(now, instant), order: order++, act };
    push(heap, entry);
    return () => {
      entry.act = undefined;
    };
  };

  return {
    now: () => now,
    at,
    async run({ until, done = () => false }) {
      // What was set off before, outside of any entry, settles first.
      await settled();
      for (;;) {
        if (done()) return "done";
        const next = heap[0];
        if (next === undefined) return "idle";
        if (next.instant > until) return "time-up";
        pop(heap);
        if (next.act === undefined) continue;
        now = next.instant;
        next.act();
        await settled();
      }
    },
    clock: (skewMs, alive) => ({
      now: () => now + skewMs,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          if (signal?.aborted) return reject(signal.reason);
          const onAbort = () => {
            cancel();
            if (alive()) reject(signal?.reason);
          };
          const cancel = at(now + ms, () => {
            signal?.removeEventListener("abort", onAbort);
            if (alive()) resolve();
          });
          signal?.addEventListener("abort", onAbort, { once: true });
        }),
    }),
  };
}

/** All promise jobs have run when an immediate runs. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isBefore(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a === undefined || b === undefined) return a !== undefined;
  return a.instant < b.instant || (a.instant === b.instant && a.order < b.order);
}

function push(heap: Entry[], entry: Entry): void {
  heap.push(entry);
  for (let child = heap.length - 1; child > 0; ) {
    const parent = (child - 1) >> 1;
    if (!isBefore(heap[child], heap[parent])) break;
    swap(heap, child, parent);
    child = parent;
  }
}

function pop(heap: Entry[]): void {
  swap(heap, 0, heap.length - 1);
  heap.pop();
  for (let parent = 0; ; ) {
    const left = 2 * parent + 1;
    const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
    if (!isBefore(heap[child], heap[parent])) break;
    swap(heap, child, parent);
    parent = child;
  }
}

function swap(heap: Entry[], a: number, b: number): void {
  const [first, second] = [heap[a], heap[b]];
  if (first === undefined || second === undefined) return;
  heap[a] = second;
  heap[b] = first;
}
