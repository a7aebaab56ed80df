import { setMaxListeners } from "node:events";
import {
  AuditError,
  type AuditLog,
  type Backend,
  type Clock,
  type ContextStore,
  type Delivery,
  type QueueAddress,
  type Random,
  StoreError,
  type Transport,
  TransportError,
} from "@agenthandoff/core";
import type { Fault, FaultPlan, Operation } from "./faults.js";
import type { Scheduler } from "./scheduler.js";

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

export interface ProcessOptions {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: FaultPlan;
  /** The drivers that hold the data, on the world's own time. */
  readonly backend: Backend;
  /** Sends, and takes away again what the queue has just accepted. */
  readonly sendAndLose: Transport["send"];
  /** Takes back a receipt. */
  readonly unreceive: (delivery: Delivery) => void;
  readonly skewMs: number;
  readonly nextOperation: () => number;
  /** Told each effect in the moment it happens, before anybody learns of it. */
  readonly observe: (effect: Effect) => void | Promise<void>;
  readonly trace: (line: string) => void;
}

/** Something that happened to the data. */
export type Effect =
  | { readonly kind: "put"; readonly key: string; readonly bytes: Uint8Array; readonly answer: "created" | "exists" }
  | { readonly kind: "overwrite" | "delete"; readonly key: string; readonly bytes?: Uint8Array }
  | { readonly kind: "get"; readonly key: string }
  | { readonly kind: "send"; readonly queue: QueueAddress; readonly body: string }
  | {
      readonly kind: "acknowledge";
      readonly body: string;
      readonly delivery: string;
      readonly answer: "done" | "lease-lost";
    }
  | { readonly kind: "deliver"; readonly body: string; readonly delivery: string }
  /** A process is about to tell that an agent runs, so long after it heard that its lease holds. */
  | { readonly kind: "start"; readonly taskId: string; readonly hop: number; readonly staleMs: number };

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
              if (fault === "crash-after") crash();
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
    return (fault === "slow" ? SLOW_MS : 1) * (0.5 + random.number());
  }

  // When it last heard that it holds a delivery.
  const seen = new Map<string, number>();
  const process: SimulatedProcess = {
    name,
    clock: scheduler.clock(options.skewMs, () => alive),
    backend: {
      name: backend.name,
      visibilityMs: backend.visibilityMs,
      store: simulatedStore(backend.store, operate, observe),
      transport: simulatedTransport(backend.transport, options, operate, later, end.signal, seen),
      audit: simulatedAudit(backend.audit, operate, (taskId, hop, attempt) => {
        const staleMs = scheduler.now() - (seen.get(attempt) ?? Number.NEGATIVE_INFINITY);
        void observe({ kind: "start", taskId, hop, staleMs });
      }),
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

type Operate = <T>(
  part: Operation["part"],
  operation: string,
  subject: string,
  happen: (fault: Fault | undefined) => Promise<T>,
  signal?: AbortSignal,
) => Promise<T>;
type Observe = ProcessOptions["observe"];

function errorOf(part: Operation["part"], operation: string, what: string): Error {
  const options = { hint: what };
  if (part === "store") return new StoreError(operation, options);
  return part === "queue" ? new TransportError(operation, options) : new AuditError(operation, options);
}

const outOfReach = (operation: string) => errorOf("queue", operation, "an outage");

/** A listing is one operation: what it shows was true in one moment. */
async function* listed<T>(items: Promise<readonly T[]>): AsyncGenerator<T> {
  yield* await items;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function simulatedStore(store: ContextStore, operate: Operate, observe: Observe): ContextStore {
  return {
    putIfAbsent: (key, bytes, options = {}) =>
      operate(
        "store",
        "put",
        key,
        async () => {
          const answer = await store.putIfAbsent(key, bytes);
          await observe({ kind: "put", key, bytes, answer });
          return answer;
        },
        options.signal,
      ),
    get: (key, { signal, ...options } = {}) =>
      operate(
        "store",
        "get",
        key,
        async () => {
          await observe({ kind: "get", key });
          return await store.get(key, options);
        },
        signal,
      ),
    list: (prefix, { signal, ...options } = {}) =>
      listed(operate("store", "list", prefix, () => all(store.list(prefix, options)), signal)),
    overwrite: (key, bytes) =>
      operate("store", "overwrite", key, async () => {
        await store.overwrite(key, bytes);
        await observe({ kind: "overwrite", key, bytes });
      }),
    delete: (key) =>
      operate("store", "delete", key, async () => {
        await store.delete(key);
        await observe({ kind: "delete", key });
      }),
  };
}

function simulatedTransport(
  transport: Transport,
  { sendAndLose, unreceive, observe, faults, scheduler }: ProcessOptions,
  operate: Operate,
  later: (act: () => void) => void,
  end: AbortSignal,
  seen: Map<string, number>,
): Transport {
  const hold = ({ id }: Delivery) => void seen.set(id, scheduler.now());
  const wrap = (delivery: Delivery): Delivery => ({
    ...delivery,
    acknowledge: () =>
      operate("queue", "acknowledge", delivery.id, async () => {
        const answer = await delivery.acknowledge();
        await observe({ kind: "acknowledge", body: delivery.body, delivery: delivery.id, answer });
        return answer;
      }),
    async extend(ms) {
      const answer = await operate("queue", "extend", delivery.id, () => delivery.extend(ms));
      if (answer === "done") hold(delivery);
      return answer;
    },
    release: (ms) => operate("queue", "release", delivery.id, () => delivery.release(ms)),
    reject: (reason) => operate("queue", "reject", delivery.id, () => delivery.reject(reason)),
  });
  return {
    maxMessageBytes: transport.maxMessageBytes,
    maxVisibilityMs: transport.maxVisibilityMs,
    deduplicationMs: transport.deduplicationMs,
    send(queue, message) {
      const accept = async (send: Transport["send"], suffix = "") => {
        await send(queue, { ...message, deduplicationId: message.deduplicationId + suffix });
        await observe({ kind: "send", queue, body: message.body });
      };
      let times = 0;
      return operate("queue", "send", message.deduplicationId.slice(0, 8), async (fault) => {
        // A queue may deliver more than once what was sent once: a copy is nothing that deduplication would drop.
        await accept(fault === "lose" ? sendAndLose : transport.send, times++ > 0 ? ".copy" : "");
        if (fault === "late") later(() => void accept(transport.send, ".late"));
      });
    },
    async receive(queue, options) {
      // The long wait is no operation: it would fill days of virtual time with polls that find nothing.
      const ended = AbortSignal.any([end, ...(options.signal === undefined ? [] : [options.signal])]);
      const deliveries = await transport.receive(queue, { ...options, waitMs: Number.MAX_SAFE_INTEGER, signal: ended });
      if (end.aborted) return await new Promise(() => {});
      if (deliveries.length === 0) return [];
      if (faults.isOut("queue", scheduler.now())) {
        for (const delivery of deliveries) unreceive(delivery);
        return await operate("queue", "receive", queue.agent, async () => Promise.reject(outOfReach("receive")));
      }
      const received = await operate("queue", "receive", queue.agent, async () => {
        for (const delivery of deliveries)
          await observe({ kind: "deliver", body: delivery.body, delivery: delivery.id });
        return deliveries.map(wrap);
      });
      received.forEach(hold);
      return received;
    },
    deadLetters: (queue) => listed(operate("queue", "list-dead", queue.agent, () => all(transport.deadLetters(queue)))),
    redrive: (queue, options) => operate("queue", "redrive", queue.agent, () => transport.redrive(queue, options)),
  };
}

function simulatedAudit(
  audit: AuditLog,
  operate: Operate,
  onStart: (taskId: string, hop: number, attempt: string) => void,
): AuditLog {
  return {
    maxEventBytes: audit.maxEventBytes,
    append(event, change) {
      if (event.kind === "attempt_started") onStart(event.taskId, event.hop, String(event.detail.attempt));
      return operate("audit", "append", `${event.taskId} ${event.id}`, () => audit.append(event, change));
    },
    events: (relayId, taskId, options) =>
      listed(operate("audit", "events", taskId, () => all(audit.events(relayId, taskId, options)))),
    byAgent: (relayId, agent) => listed(operate("audit", "by-agent", agent, () => all(audit.byAgent(relayId, agent)))),
    task: (relayId, taskId) => operate("audit", "task", taskId, () => audit.task(relayId, taskId)),
    tasks: (relayId, { signal, ...query } = {}) =>
      listed(operate("audit", "tasks", "", () => all(audit.tasks(relayId, query)), signal)),
    intend: (intent) => operate("audit", "intend", intent.taskId, () => audit.intend(intent)),
    settle: (relayId, taskId, intentId) =>
      operate("audit", "settle", taskId, () => audit.settle(relayId, taskId, intentId)),
    intents: (relayId) => listed(operate("audit", "intents", "", () => all(audit.intents(relayId)))),
    erase: (relayId, taskId, keep) => operate("audit", "erase", taskId, () => audit.erase(relayId, taskId, keep)),
  };
}
