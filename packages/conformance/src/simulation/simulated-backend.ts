import {
  AuditError,
  type AuditLog,
  type ContextStore,
  type Delivery,
  StoreError,
  type Transport,
  TransportError,
} from "@agenthandoff/core";
import type { Conduct } from "./conduct.js";
import type { Observe } from "./effect.js";
import type { Fault, FaultPlan, Operation } from "./faults.js";
import type { Scheduler } from "./scheduler.js";

// The three drivers as one process sees them: each call is an operation, which takes time and may go wrong.

export type Operate = <T>(
  part: Operation["part"],
  operation: string,
  subject: string,
  happen: (fault: Fault | undefined) => Promise<T>,
  signal?: AbortSignal,
) => Promise<T>;

export function errorOf(part: Operation["part"], operation: string, what: string): Error {
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

export function simulatedStore(store: ContextStore, operate: Operate, observe: Observe): ContextStore {
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

/** What no transport offers, and queues do. */
export interface QueueMischief {
  /** Sends, and takes away again what the queue has just accepted. */
  readonly sendAndLose: Transport["send"];
  /** Takes back a receipt. */
  readonly unreceive: (delivery: Delivery) => void;
}

/** What a transport needs to know of its process. */
export interface TransportSetting extends QueueMischief {
  readonly scheduler: Scheduler;
  readonly faults: FaultPlan;
  readonly observe: Observe;
  readonly operate: Operate;
  /** Does something hours later, whether the process lives or not. */
  readonly later: (act: () => void) => void;
  /** Aborted when the process dies. */
  readonly end: AbortSignal;
  readonly conduct: Conduct;
}

export function simulatedTransport(
  transport: Transport,
  { sendAndLose, unreceive, observe, faults, scheduler, operate, later, end, conduct }: TransportSetting,
): Transport {
  const wrap = (delivery: Delivery, agent: string): Delivery => ({
    ...delivery,
    acknowledge: () =>
      operate("queue", "acknowledge", delivery.id, async () => {
        const answer = await delivery.acknowledge();
        await observe({ kind: "acknowledge", body: delivery.body, delivery: delivery.id, answer });
        return answer;
      }),
    async extend(ms) {
      const answer = await operate("queue", "extend", delivery.id, () => delivery.extend(ms));
      if (answer === "done") conduct.holds(delivery.id);
      return answer;
    },
    async release(ms) {
      const done = conduct.releases(delivery.id, agent);
      const answer = await operate("queue", "release", delivery.id, () => delivery.release(ms));
      done();
      return answer;
    },
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
      if (!options.signal?.aborted) conduct.receives(queue.agent);
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
        return deliveries.map((delivery) => wrap(delivery, queue.agent));
      });
      for (const { id } of received) conduct.holds(id);
      return received;
    },
    deadLetters: (queue) => listed(operate("queue", "list-dead", queue.agent, () => all(transport.deadLetters(queue)))),
    redrive: (queue, options) => operate("queue", "redrive", queue.agent, () => transport.redrive(queue, options)),
  };
}

export function simulatedAudit(audit: AuditLog, operate: Operate, observe: Observe, conduct: Conduct): AuditLog {
  const own = new Set<string>();
  return {
    maxEventBytes: audit.maxEventBytes,
    async append(event, change) {
      conduct.tells(event);
      const answer = await operate("audit", "append", `${event.taskId} ${event.id}`, async () => {
        const answer = await audit.append(event, change);
        await observe({ kind: "append", taskId: event.taskId });
        return answer;
      });
      conduct.told(event);
      return answer;
    },
    events: (relayId, taskId, options) =>
      listed(operate("audit", "events", taskId, () => all(audit.events(relayId, taskId, options)))),
    byAgent: (relayId, agent) => listed(operate("audit", "by-agent", agent, () => all(audit.byAgent(relayId, agent)))),
    task: (relayId, taskId) => operate("audit", "task", taskId, () => audit.task(relayId, taskId)),
    tasks: (relayId, { signal, ...query } = {}) =>
      listed(operate("audit", "tasks", "", () => all(audit.tasks(relayId, query)), signal)),
    intend: (intent) =>
      operate("audit", "intend", intent.taskId, async () => {
        own.add(intent.intentId);
        await audit.intend(intent);
        await observe({ kind: "intend", intent });
      }),
    settle: (relayId, taskId, intentId) =>
      operate("audit", "settle", taskId, async () => {
        await audit.settle(relayId, taskId, intentId);
        await observe({ kind: "settle", intentId, byOwner: own.has(intentId) });
      }),
    intents: (relayId) => listed(operate("audit", "intents", "", () => all(audit.intents(relayId)))),
    erase: (relayId, taskId, keep) => operate("audit", "erase", taskId, () => audit.erase(relayId, taskId, keep)),
  };
}
