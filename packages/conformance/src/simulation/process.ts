import { setMaxListeners } from "node:events";
import type { Backend, Clock, Random } from "@agenthandoff/core";
import { createConduct } from "./conduct.js";
import type { Observe } from "./effect.js";
import type { Fault, FaultPlan, Operation } from "./faults.js";
import type { Scheduler } from "./scheduler.js";
import {
  errorOf,
  type QueueMischief,
  simulatedAudit,
  simulatedStore,
  simulatedTransport,
} from "./simulated-backend.js";

/** A process of the simulated world: it can die at any operation, and what it asked for may still happen. */
export interface SimulatedProcess {
  readonly name: string;
  readonly backend: Backend;
  readonly clock: Clock;
  readonly alive: boolean;
  /** Kills it: nothing that it waits for will ever come. */
  crash(): void;
  /** Told once, when it dies. */
  onCrash(act: () => void): void;
}

export interface ProcessOptions extends QueueMischief {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: FaultPlan;
  /** The drivers that hold the data, on the world's own time. */
  readonly backend: Backend;
  readonly skewMs: number;
  readonly nextOperation: () => number;
  readonly observe: Observe;
  readonly trace: (line: string) => void;
}

const PAUSE_MS = 10 * 60_000;
const SLOW_MS = 5 * 60_000;
const LATE_MS = 24 * 60 * 60_000;

export function createProcess(options: ProcessOptions): SimulatedProcess {
  const { name, scheduler, random, faults, backend, observe, trace } = options;
  let alive = true;
  let pausedUntil = 0;
  const died: (() => void)[] = [];
  const end = new AbortController();
  setMaxListeners(0, end.signal);

  const crash = () => {
    if (!alive) return;
    alive = false;
    trace(`${name} dies`);
    end.abort();
    for (const act of died) act();
  };

  /** One operation: it takes time, it may go wrong, and it happens in one moment. */
  function operate<T>(
    part: Operation["part"],
    operation: string,
    subject: string,
    happen: (fault: Fault | undefined) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    if (!alive) return new Promise(() => {});
    const number = options.nextOperation();
    const fault = faults.faultOf({ number, process: name, part, name: operation });
    const out = faults.isOut(part, scheduler.now());
    trace(
      `${number} ${scheduler.now()} ${name} ${part}.${operation} ${subject}${fault === undefined ? "" : ` !${fault}`}${out ? " !outage" : ""}`,
    );
    return new Promise<T>((resolve, reject) => {
      const tell = (act: () => void) => {
        const delay = Math.max(1 + random.number() * 4, pausedUntil - scheduler.now());
        signal?.removeEventListener("abort", onAbort);
        scheduler.at(scheduler.now() + delay, () => {
          if (alive) act();
        });
      };
      const fail = (what: string) => tell(() => reject(errorOf(part, operation, what)));
      const onAbort = () => tell(() => reject(signal?.reason));
      signal?.addEventListener("abort", onAbort, { once: true });
      if (fault === "pause") pausedUntil = scheduler.now() + PAUSE_MS * (0.5 + random.number());
      scheduler.at(scheduler.now() + reach(fault), () => {
        if (out || fault === "fail") return fail("an outage");
        if (fault === "conflict") return fail("another write to this key was under way");
        if (fault === "crash-before") return crash();
        // What a process asked for before it died may happen, or not.
        if (!alive && random.number() < 0.5) return;
        happen(fault)
          .then(async (value) => (fault === "double" ? await happen(fault) : value))
          .then(
            (value) => {
              if (fault === "crash-after" || fault === "die-waiting") crash();
              else if (fault === "lost-reply") fail("the reply was lost");
              else tell(() => resolve(value));
            },
            (error: unknown) => tell(() => reject(error)),
          );
      });
    });
  }

  /** Whether the process lives or not. */
  function later(act: () => void): void {
    scheduler.at(scheduler.now() + random.number() * LATE_MS, act);
  }

  function reach(fault: Fault | undefined): number {
    return (fault === "slow" || fault === "die-waiting" ? SLOW_MS : 1) * (0.5 + random.number());
  }

  const conduct = createConduct({ now: scheduler.now, visibilityMs: backend.visibilityMs, observe });
  const process: SimulatedProcess = {
    name,
    clock: scheduler.clock(options.skewMs, () => alive),
    backend: {
      name: backend.name,
      visibilityMs: backend.visibilityMs,
      store: simulatedStore(backend.store, operate, observe),
      transport: simulatedTransport(backend.transport, { ...options, operate, later, end: end.signal, conduct }),
      audit: simulatedAudit(backend.audit, operate, observe, conduct),
      close: async () => {},
    },
    get alive() {
      return alive;
    },
    crash,
    onCrash: (act) => void died.push(act),
  };
  return process;
}
