import type {
  AuditLog,
  Backend,
  Delivery,
  OutgoingMessage,
  QueueAddress,
  TaskRow,
  Transport,
} from "@agenthandoff/core";
import { type MemoryData, memoryAuditLog, memoryData, memoryStore, memoryTransport } from "@agenthandoff/core/memory";
import type { Scenario } from "./scenario.js";
import type { Scheduler } from "./scheduler.js";

const VISIBILITY_MS = 240_000;

/** What holds the data, shared by all processes, with what services promise and no more. */
export interface Services {
  readonly data: MemoryData;
  readonly backend: Backend;
  /** The queue accepts the message, and remembers its deduplication id, but nobody will ever receive it. */
  sendAndLose(queue: QueueAddress, message: OutgoingMessage): Promise<void>;
  /** As if it had not been received: a queue that is out hands out nothing. For a while it stays invisible all the same. */
  unreceive(delivery: Delivery): void;
}

/** What makes the drivers in memory. */
export interface MemoryDrivers {
  readonly memoryStore: typeof memoryStore;
  readonly memoryTransport: typeof memoryTransport;
  readonly memoryAuditLog: typeof memoryAuditLog;
}

export function createServices(
  scheduler: Scheduler,
  { deduplicationMs, listingLagMs, strictLeases }: Scenario,
  drivers: MemoryDrivers = { memoryStore, memoryTransport, memoryAuditLog },
): Services {
  const data = memoryData();
  const clock = scheduler.clock(0, () => true);
  const transport = drivers.memoryTransport({ data, clock, deduplicationMs });
  const audit = drivers.memoryAuditLog({ data });
  const backend: Backend = {
    name: "simulated",
    visibilityMs: VISIBILITY_MS,
    store: drivers.memoryStore({ data }),
    transport: strictLeases ? strict(transport, scheduler.now) : transport,
    audit: listingLagMs > 0 ? lagging(audit, scheduler.now, listingLagMs) : audit,
    close: async () => {},
  };
  return {
    data,
    backend,
    async sendAndLose(queue, message) {
      const accepted = data.messageCount;
      const sent = transport.send(queue, message);
      // At once, before a waiting receiver runs.
      for (let id = accepted + 1; id <= data.messageCount; id++)
        for (const { messages } of data.queues.values()) messages.delete(String(id));
      await sent;
    },
    unreceive({ id }) {
      for (const { messages } of data.queues.values()) {
        const message = messages.get(id.slice(0, id.indexOf(".")));
        if (message === undefined) continue;
        message.receiveCount--;
        message.heldBy = undefined;
      }
    },
  };
}

/** As SQS: a delivery whose time has run out holds nothing, whether somebody else has received the message or not. */
function strict(transport: Transport, now: () => number): Transport {
  const wrap = (delivery: Delivery, visibilityMs: number): Delivery => {
    let heldUntil = now() + visibilityMs;
    const whileHeld = async (act: () => Promise<"done" | "lease-lost">) =>
      now() < heldUntil ? await act() : ("lease-lost" as const);
    return {
      ...delivery,
      acknowledge: () => whileHeld(delivery.acknowledge),
      release: (delayMs) => whileHeld(() => delivery.release(delayMs)),
      reject: (reason) => whileHeld(() => delivery.reject(reason)),
      extend: (ms) =>
        whileHeld(async () => {
          const answer = await delivery.extend(ms);
          if (answer === "done") heldUntil = now() + ms;
          return answer;
        }),
    };
  };
  return {
    ...transport,
    async receive(queue, options) {
      const deliveries = await transport.receive(queue, options);
      return deliveries.map((delivery) => wrap(delivery, options.visibilityMs));
    },
  };
}

/** As an index beside its table: listings show how the rows stood a while ago. */
function lagging(audit: AuditLog, now: () => number, lagMs: number): AuditLog {
  const history = new Map<string, { readonly at: number; readonly row: TaskRow }[]>();
  const remember = async (relayId: string, taskId: string) => {
    const row = await audit.task(relayId, taskId);
    if (row !== undefined) history.set(taskId, [...(history.get(taskId) ?? []), { at: now(), row }]);
  };
  return {
    ...audit,
    async append(event, change) {
      const answer = await audit.append(event, change);
      if (change !== undefined) await remember(event.relayId, event.taskId);
      return answer;
    },
    async erase(relayId, taskId, keep) {
      await audit.erase(relayId, taskId, keep);
      await remember(relayId, taskId);
    },
    async *tasks(_relayId, { status, damaged, updatedBefore } = {}) {
      for (const versions of history.values()) {
        const row = versions.findLast(({ at }) => at <= now() - lagMs)?.row;
        if (row === undefined || (status ?? row.status) !== row.status) continue;
        if ((damaged ?? row.damaged) === row.damaged && row.updatedAt <= (updatedBefore ?? row.updatedAt)) yield row;
      }
    },
  };
}
