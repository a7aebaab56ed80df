import { setMaxListeners } from "node:events";
import { ContextTooLargeError, TransportError } from "../errors/index.js";
import {
  type Clock,
  type Delivery,
  type QueueAddress,
  type ReceiveOptions,
  systemClock,
  type Transport,
} from "../ports/index.js";
import {
  getOrCreate,
  joinedKey,
  type MemoryData,
  type MemoryQueue,
  memoryData,
  type QueuedMessage,
} from "./memory-data.js";

export interface MemoryTransportOptions {
  /** What to keep things in, where several handles share it. Default: data of its own. */
  readonly data?: MemoryData;
  /** Once this is aborted every call rejects, a waiting `receive` too: the handle is closed, the data stay. */
  readonly closed?: AbortSignal;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** How often a message is received before the next look moves it to the dead-letter queue. Default: 100. */
  readonly maxReceiveCount?: number;
  /** In milliseconds. Default: 5 minutes, as SQS has it. */
  readonly deduplicationMs?: number;
  /** In bytes. Default: 1 MiB, as SQS has it. */
  readonly maxMessageBytes?: number;
  /** In milliseconds. Default: 12 hours, as SQS has it. */
  readonly maxVisibilityMs?: number;
}

/** As many characters of a rejection's reason as are kept. */
const MAX_REASON_CHARACTERS = 1_024;

/** FIFO queues in memory. Each call happens at once, so concurrent callers cannot meet in the middle of one. */
export function memoryTransport(options: MemoryTransportOptions = {}): Transport {
  const { clock = systemClock, maxReceiveCount = 100, data = memoryData() } = options;
  const { deduplicationMs = 300_000, maxMessageBytes = 1_048_576, maxVisibilityMs = 43_200_000 } = options;
  // Every receive that waits listens to it: their number is no leak.
  if (options.closed !== undefined) setMaxListeners(0, options.closed);

  function begin(operation: string, { relayId, agent }: QueueAddress, signal?: AbortSignal): void {
    if (options.closed?.aborted === true) {
      const subject = `queue ${relayId}/${agent}`;
      throw new TransportError(operation, { subject, retryable: false, hint: "this handle was closed" });
    }
    signal?.throwIfAborted();
  }

  function queueOf({ relayId, agent }: QueueAddress): MemoryQueue {
    return getOrCreate(data.queues, joinedKey(relayId, agent), () => ({
      messages: new Map(),
      invisible: new Set(),
      accepted: new Map(),
      dead: new Map(),
      waiting: new Set(),
    }));
  }

  function wake(queue: MemoryQueue): void {
    for (const look of [...queue.waiting]) look();
  }

  function enqueue(queue: MemoryQueue, body: string, groupId: string): void {
    data.messageCount++;
    const id = String(data.messageCount);
    queue.messages.set(id, { id, body, groupId, receiveCount: 0, visibleAt: 0, heldBy: undefined });
  }

  function remove(queue: MemoryQueue, message: QueuedMessage): void {
    queue.messages.delete(message.id);
    queue.invisible.delete(message);
  }

  function bury(queue: MemoryQueue, { id, body, groupId }: QueuedMessage, reason: string): void {
    queue.dead.set(id, { id, body, groupId, reason });
  }

  function hide(queue: MemoryQueue, message: QueuedMessage, forMs: number): void {
    message.visibleAt = clock.now() + Math.min(forMs, maxVisibilityMs);
    queue.invisible.add(message);
  }

  /** The groups that wait because one of their messages is held or delayed. As in SQS, the whole group does. */
  function waitingGroups(queue: MemoryQueue): Set<string> {
    const groups = new Set<string>();
    for (const message of queue.invisible) {
      if (message.visibleAt > clock.now()) groups.add(message.groupId);
      else queue.invisible.delete(message);
    }
    return groups;
  }

  function take(address: QueueAddress, { max, visibilityMs }: ReceiveOptions): Delivery[] {
    const deliveries: Delivery[] = [];
    const queue = queueOf(address);
    const waiting = waitingGroups(queue);
    for (const message of queue.messages.values()) {
      if (deliveries.length >= max) break;
      if (waiting.has(message.groupId)) continue;
      if (message.receiveCount >= maxReceiveCount) {
        remove(queue, message);
        bury(queue, message, `received ${message.receiveCount} times without being acknowledged`);
        continue;
      }
      message.receiveCount++;
      message.heldBy = message.receiveCount;
      hide(queue, message, visibilityMs);
      deliveries.push(delivery(address, message));
    }
    return deliveries;
  }

  function delivery(address: QueueAddress, message: QueuedMessage): Delivery {
    const queue = queueOf(address);
    const { id, body, groupId, receiveCount } = message;
    async function whileHeld(operation: string, change: () => void): Promise<"done" | "lease-lost"> {
      begin(operation, address);
      if (message.heldBy !== receiveCount) return "lease-lost";
      change();
      wake(queue);
      return "done";
    }
    function letGo(): void {
      message.heldBy = undefined;
    }
    return {
      id: `${id}.${receiveCount}`,
      body,
      groupId,
      receiveCount,
      acknowledge: () =>
        whileHeld("acknowledge", () => {
          letGo();
          remove(queue, message);
        }),
      extend: (visibilityMs) => whileHeld("extend", () => hide(queue, message, visibilityMs)),
      release: (delayMs) =>
        whileHeld("release", () => {
          letGo();
          hide(queue, message, delayMs);
        }),
      reject: (reason) =>
        whileHeld("reject", () => {
          letGo();
          remove(queue, message);
          bury(queue, message, reason.slice(0, MAX_REASON_CHARACTERS));
        }),
    };
  }

  /** Ends when something changed in the queue, a message became visible, the wait is over or the caller aborts. */
  async function change(queue: MemoryQueue, deadline: number, signal: AbortSignal | undefined): Promise<void> {
    const now = clock.now();
    let until = deadline;
    for (const { visibleAt } of queue.invisible) if (visibleAt > now) until = Math.min(until, visibleAt);
    const changed = new AbortController();
    const look = (): void => changed.abort();
    queue.waiting.add(look);
    for (const end of [signal, options.closed]) end?.addEventListener("abort", look);
    try {
      await clock.sleep(until - now, changed.signal);
    } catch (error) {
      if (!changed.signal.aborted) throw error;
    } finally {
      queue.waiting.delete(look);
      for (const end of [signal, options.closed]) end?.removeEventListener("abort", look);
    }
  }

  return {
    maxMessageBytes,
    maxVisibilityMs,
    deduplicationMs,

    async send(address, { body, groupId, deduplicationId }, { signal } = {}) {
      begin("send", address, signal);
      const size = Buffer.byteLength(body);
      if (size > maxMessageBytes) throw new ContextTooLargeError({ what: "a message", limit: maxMessageBytes, size });
      const queue = queueOf(address);
      const now = clock.now();
      for (const [id, acceptedAt] of queue.accepted) {
        if (now - acceptedAt < deduplicationMs) break;
        queue.accepted.delete(id);
      }
      if (queue.accepted.has(deduplicationId)) return;
      queue.accepted.set(deduplicationId, now);
      enqueue(queue, body, groupId);
      wake(queue);
    },

    async receive(address, receiveOptions) {
      const deadline = clock.now() + receiveOptions.waitMs;
      for (;;) {
        begin("receive", address);
        if (receiveOptions.signal?.aborted === true) return [];
        const taken = take(address, receiveOptions);
        if (taken.length > 0 || clock.now() >= deadline) return taken;
        await change(queueOf(address), deadline, receiveOptions.signal);
      }
    },

    async *deadLetters(address, { signal } = {}) {
      begin("list the dead letters", address, signal);
      for (const letter of [...queueOf(address).dead.values()]) {
        begin("list the dead letters", address, signal);
        yield { ...letter };
      }
    },

    async redrive(address, { ids, signal } = {}) {
      begin("redrive", address, signal);
      const queue = queueOf(address);
      const chosen = [...queue.dead.values()].filter((letter) => ids === undefined || ids.includes(letter.id));
      for (const letter of chosen) {
        queue.dead.delete(letter.id);
        // A new message with an id of its own: counts begin anew, and no delivery id may come twice.
        enqueue(queue, letter.body, letter.groupId);
      }
      wake(queue);
      return chosen.length;
    },
  };
}
