import { setMaxListeners } from "node:events";
import type { AuditEvent, AuditLog, Backend, Clock, ContextStore, Delivery, Transport } from "../ports/index.js";
import { parseEnvelope } from "../protocol/index.js";
import { type Crash, type CrashPoint, crashCounter } from "./crash.js";

/** A process's handle on its backend, which can die as a process does. */
export interface MortalBackend extends Backend {
  /** The time of this process: once it is dead, its sleeps never end. A relay goes by it unless it is given another. */
  readonly clock: Clock;
  /** Resolves when the process has died. */
  readonly crashed: Promise<void>;
  /**
   * The process dies at once, in the middle of whatever it does. Never settles: an agent that says
   * `await backend.crash()` goes no further.
   */
  crash(): Promise<never>;
}

/** What a process is working on in a task. */
interface Work {
  readonly agent: string;
  readonly hop: number | undefined;
  /** Whether the agent's run has begun and nothing has come of it yet. */
  running: boolean;
}

interface Points<T> {
  /** The point that is passed when the call is made, if any. */
  readonly before?: CrashPoint | undefined;
  /** The point that is passed with this answer, if any. */
  readonly after?: (answer: T) => CrashPoint | undefined;
}

const never = (): Promise<never> => new Promise(() => {});

/** Slots and blobs are named alike: `…/slots/<task>/…`. */
const KEY_PATTERN = /(?:^|\/)(?<kind>slots|blobs)\/(?<taskId>[^/]+)\/[^/]+$/;

/**
 * A backend whose process can die. A dead process does nothing any more and hears nothing any more: none of its calls
 * has an effect, none ever settles, and its leases stay with it until they run out. Other handles on the same data go on.
 */
export function mortalBackend(options: {
  readonly backend: Backend;
  readonly clock: Clock;
  readonly crash: Crash | undefined;
}): MortalBackend {
  const { backend, clock } = options;
  const diesAt = crashCounter(options.crash);
  const death = new AbortController();
  const { signal: dead } = death;
  // One listener for each sleep: their number is no leak.
  setMaxListeners(0, dead);
  const crashed = new Promise<void>((resolve) => dead.addEventListener("abort", () => resolve(), { once: true }));
  /** By task. Nobody who calls from outside is in it. */
  const works = new Map<string, Work>();

  function die(): Promise<never> {
    death.abort();
    // Ends its waits, so that they take no message any more.
    void backend.close();
    return never();
  }

  function passes(point: CrashPoint | undefined, taskId: string, work = works.get(taskId)): boolean {
    if (point === undefined) return false;
    return diesAt({ point, taskId, agent: work?.agent, hop: work?.hop });
  }

  /** What a call answers, unless the process dies first. */
  async function hear<T>(call: () => Promise<T>): Promise<T> {
    if (dead.aborted) return await never();
    try {
      const answer = await call();
      return dead.aborted ? await never() : answer;
    } catch (error) {
      if (dead.aborted) return await never();
      throw error;
    }
  }

  /** A call that concerns a task, and the points that the process passes with it. */
  async function pass<T>(
    taskId: string,
    call: () => Promise<T>,
    { before, after }: Points<T> = {},
    work?: Work,
  ): Promise<T> {
    if (!dead.aborted && passes(before, taskId, work)) return await die();
    const answer = await hear(call);
    return passes(after?.(answer), taskId, work) ? await die() : answer;
  }

  async function* hearEach<T>(items: () => AsyncIterable<T>): AsyncGenerator<T> {
    const iterator = await hear(async () => items()[Symbol.asyncIterator]());
    for (;;) {
      const { done, value } = await hear(() => iterator.next());
      if (done === true) return;
      yield value;
    }
  }

  /** The point that is passed when something comes of a run. */
  function endOfRun(taskId: string): CrashPoint | undefined {
    const work = works.get(taskId);
    if (work?.running !== true) return undefined;
    work.running = false;
    return "run";
  }

  return {
    ...backend,
    clock: mortalClock(clock, dead),
    crashed,
    crash: die,
    store: mortalStore(backend.store),
    transport: mortalTransport(backend.transport),
    audit: mortalAudit(backend.audit),
  };

  function mortalStore(store: ContextStore): ContextStore {
    return {
      putIfAbsent(key, bytes, writeOptions) {
        const call = () => store.putIfAbsent(key, bytes, writeOptions);
        const { kind, taskId } = KEY_PATTERN.exec(key)?.groups ?? {};
        if (taskId === undefined) return hear(call);
        const point = kind === "slots" ? "commit" : "blob";
        return pass(taskId, call, {
          before: endOfRun(taskId),
          after: (answer) => (answer === "created" ? point : undefined),
        });
      },
      get: (key, readOptions) => hear(() => store.get(key, readOptions)),
      list: (prefix, listOptions) => hearEach(() => store.list(prefix, listOptions)),
      overwrite: (key, bytes, writeOptions) => hear(() => store.overwrite(key, bytes, writeOptions)),
      delete: (key, deleteOptions) => hear(() => store.delete(key, deleteOptions)),
    };
  }

  function mortalTransport(transport: Transport): Transport {
    return {
      ...transport,
      send: (queue, message, sendOptions) =>
        pass(message.groupId, () => transport.send(queue, message, sendOptions), { after: () => "send" }),
      async receive(queue, receiveOptions) {
        const deliveries = await hear(() => transport.receive(queue, receiveOptions));
        const received = deliveries.map((delivery) => {
          const reading = parseEnvelope(delivery.body);
          const hop = reading.status === "read" ? reading.envelope.hop : undefined;
          return { delivery, work: { agent: queue.agent, hop, running: false } };
        });
        // Of several messages of one task the first is worked on first.
        for (const { delivery, work } of [...received].reverse()) works.set(delivery.groupId, work);
        for (const { delivery, work } of received) if (passes("receive", delivery.groupId, work)) return await die();
        return received.map(({ delivery, work }) => mortalDelivery(delivery, work));
      },
      deadLetters: (queue, listOptions) => hearEach(() => transport.deadLetters(queue, listOptions)),
      redrive: (queue, redriveOptions) => hear(() => transport.redrive(queue, redriveOptions)),
    };
  }

  function mortalDelivery(delivery: Delivery, work: Work): Delivery {
    const { groupId } = delivery;
    const end = (call: () => Promise<"done" | "lease-lost">, point?: CrashPoint) => {
      if (works.get(groupId) === work) works.delete(groupId);
      return pass(groupId, call, { after: (answer) => (answer === "done" ? point : undefined) }, work);
    };
    return {
      ...delivery,
      acknowledge: () => end(() => delivery.acknowledge(), "acknowledge"),
      extend: (visibilityMs) => hear(() => delivery.extend(visibilityMs)),
      release: (delayMs) => end(() => delivery.release(delayMs), "release"),
      reject: (reason) => end(() => delivery.reject(reason)),
    };
  }

  function mortalAudit(audit: AuditLog): AuditLog {
    return {
      ...audit,
      append: (event, change) => pass(event.taskId, () => audit.append(event, change), pointsOf(event)),
      events: (relayId, taskId, listOptions) => hearEach(() => audit.events(relayId, taskId, listOptions)),
      byAgent: (relayId, agent, listOptions) => hearEach(() => audit.byAgent(relayId, agent, listOptions)),
      task: (relayId, taskId) => hear(() => audit.task(relayId, taskId)),
      tasks: (relayId, query) => hearEach(() => audit.tasks(relayId, query)),
      intend: (intent) => pass(intent.taskId, () => audit.intend(intent), { after: () => "intent" }),
      settle: (relayId, taskId, intentId) =>
        pass(taskId, () => audit.settle(relayId, taskId, intentId), { after: () => "settle" }),
      intents: (relayId, listOptions) => hearEach(() => audit.intents(relayId, listOptions)),
      erase: (relayId, taskId, keep) => hear(() => audit.erase(relayId, taskId, keep)),
    };
  }

  function pointsOf({ kind, taskId }: AuditEvent): Points<unknown> {
    switch (kind) {
      case "attempt_started":
        return {
          after: () => {
            const work = works.get(taskId);
            if (work !== undefined) work.running = true;
            return "attempt-started";
          },
        };
      case "attempt_failed":
        return { before: endOfRun(taskId), after: () => "attempt-failed" };
      case "committed":
        return { after: () => "audit" };
      default:
        return {};
    }
  }
}

function mortalClock(clock: Clock, dead: AbortSignal): Clock {
  return {
    now: () => clock.now(),
    async sleep(ms, signal) {
      if (dead.aborted) return await never();
      const woken = new AbortController();
      const wake = (): void => woken.abort(signal?.reason);
      const sources = [dead, ...(signal === undefined ? [] : [signal])];
      if (signal?.aborted === true) wake();
      for (const source of sources) source.addEventListener("abort", wake, { once: true });
      try {
        await clock.sleep(ms, woken.signal);
      } catch (error) {
        if (!dead.aborted) throw error;
      } finally {
        for (const source of sources) source.removeEventListener("abort", wake);
      }
      if (dead.aborted) await never();
    },
  };
}
