/**
 * Bounds the runs of one worker, and lets those that must be alone be alone. First come, first served; whoever waits
 * here keeps its lease meanwhile.
 */
export interface RunGate {
  /** Tells of something received that may want to run; call what it returns when that is settled, run or not. */
  announce(): () => void;
  /** Resolves, once it is this run's turn, to a function that ends it. Rejects with the signal's reason. */
  enter(options: { readonly alone: boolean; readonly signal: AbortSignal }): Promise<() => void>;
  /**
   * Waits until more could be received and start at once, and resolves to how much; 0 once the signal is aborted. What
   * was announced counts before it runs, else a worker would hoard messages that others could work on.
   */
  room(signal: AbortSignal): Promise<number>;
}

interface Waiter {
  readonly alone: boolean;
  readonly start: () => void;
}

export function createRunGate(size: number): RunGate {
  let running = 0;
  let announced = 0;
  let someoneAlone = false;
  const queue: Waiter[] = [];
  const watchers = new Set<() => void>();

  const free = () => (someoneAlone ? 0 : Math.max(0, size - announced));
  const admit = () => {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      if (someoneAlone || running >= size || (next.alone && running > 0)) break;
      queue.shift();
      running++;
      someoneAlone = next.alone;
      next.start();
    }
    if (free() > 0) for (const notify of watchers) notify();
  };

  return {
    announce() {
      announced++;
      return once(() => {
        announced--;
        admit();
      });
    },
    enter({ alone, signal }) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const leave = once(() => {
          running--;
          if (alone) someoneAlone = false;
          admit();
        });
        const onAbort = () => {
          queue.splice(queue.indexOf(waiter), 1);
          reject(signal.reason);
          admit();
        };
        const waiter: Waiter = {
          alone,
          start: () => {
            signal.removeEventListener("abort", onAbort);
            resolve(leave);
          },
        };
        signal.addEventListener("abort", onAbort, { once: true });
        queue.push(waiter);
        admit();
      });
    },
    room(signal) {
      return new Promise((resolve) => {
        const done = (places: number) => {
          watchers.delete(notify);
          signal.removeEventListener("abort", onAbort);
          resolve(places);
        };
        const notify = () => done(free());
        const onAbort = () => done(0);
        if (signal.aborted) return resolve(0);
        if (free() > 0) return resolve(free());
        watchers.add(notify);
        signal.addEventListener("abort", onAbort, { once: true });
      });
    },
  };
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}
