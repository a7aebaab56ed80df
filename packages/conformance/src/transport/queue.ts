import assert from "node:assert/strict";
import type { Delivery, OutgoingMessage, QueueAddress, Transport } from "@agenthandoff/core";
import type { Trial } from "../trial.js";

const LONG_MS = 60_000;

/** What the promises of a transport need of one queue: sending and receiving in a line each. */
export interface Queue {
  readonly address: QueueAddress;
  /** A visibility that does not run out while a test runs, in milliseconds. */
  readonly longMs: number;
  /** Sends a message; every part that is not given is new. */
  send(message?: Partial<OutgoingMessage>): Promise<void>;
  /** Receives what must be there: at least one delivery. */
  receive(options?: { readonly max?: number; readonly visibilityMs?: number }): Promise<readonly Delivery[]>;
  /** Receives until there are `count` deliveries. */
  receiveAll(count: number, options?: { readonly max?: number }): Promise<readonly Delivery[]>;
  /** Requires exactly one delivery, with this body where given. */
  receiveOne(body?: string, options?: { readonly visibilityMs?: number }): Promise<Delivery>;
  /** Requires that nothing is there to be received. */
  receivesNothing(why: string): Promise<void>;
  /** Lets so much time pass that what is not hidden by more than a mistake is seen: nearly `longMs` where the test owns time. */
  passAlmostLong(): Promise<void>;
  /** Receives with the shortest visibility and lets it run out. */
  receiveAndLoseSight(): Promise<Delivery>;
  /** The same queue, seen by another handle. */
  through(transport: Transport): Queue;
}

function queueAt(trial: Trial<Transport>, transport: Transport, address: QueueAddress): Queue {
  const longMs = Math.min(LONG_MS, transport.maxVisibilityMs);
  const { shortestVisibilityMs, patienceMs } = trial;

  const queue: Queue = {
    address,
    longMs,
    async send(message = {}) {
      const unique = trial.unique("message");
      await transport.send(address, { body: unique, groupId: unique, deduplicationId: unique, ...message });
    },
    async receive({ max = 10, visibilityMs = longMs } = {}) {
      const deliveries = await transport.receive(address, { max, visibilityMs, waitMs: patienceMs });
      assert.ok(deliveries.length > 0, "no message came");
      return deliveries;
    },
    async receiveAll(count, { max = 10 } = {}) {
      const received: Delivery[] = [];
      while (received.length < count) {
        const wanted = Math.min(max, count - received.length);
        const deliveries = await transport.receive(address, { max: wanted, visibilityMs: longMs, waitMs: patienceMs });
        assert.ok(deliveries.length > 0, `${received.length} of ${count} messages came`);
        received.push(...deliveries);
      }
      return received;
    },
    async receiveOne(body, { visibilityMs = longMs } = {}) {
      const [delivery, ...others] = await queue.receive({ visibilityMs });
      assert.equal(others.length, 0, "more than one message came");
      assert.ok(delivery !== undefined);
      if (body !== undefined) assert.equal(delivery.body, body);
      return delivery;
    },
    async receivesNothing(why) {
      const waitMs = trial.ownsTime ? 0 : shortestVisibilityMs;
      const deliveries = await transport.receive(address, { max: 10, visibilityMs: longMs, waitMs });
      assert.deepEqual(
        deliveries.map(({ body }) => body),
        [],
        why,
      );
    },
    passAlmostLong: () => trial.pass(trial.ownsTime ? longMs - 1 : 2 * shortestVisibilityMs),
    async receiveAndLoseSight() {
      const delivery = await queue.receiveOne(undefined, { visibilityMs: shortestVisibilityMs });
      await trial.pass(shortestVisibilityMs);
      return delivery;
    },
    through: (other) => queueAt(trial, other, address),
  };
  return queue;
}

/**
 * Several receivers, through two handles, until `count` messages have come or nothing comes any more. Each delivery
 * is given to `take` as soon as it is there.
 */
export async function receiveTogether(
  trial: Trial<Transport>,
  queue: Queue,
  { receivers, count }: { readonly receivers: number; readonly count: number },
  take: (delivery: Delivery) => Promise<void>,
): Promise<void> {
  const transports = [trial.port, await trial.another()];
  const waitMs = trial.ownsTime ? 0 : trial.shortestVisibilityMs;
  let taken = 0;
  const receiver = async (transport: Transport): Promise<void> => {
    for (let waitedMs = 0; taken < count && waitedMs <= trial.patienceMs; ) {
      const deliveries = await transport.receive(queue.address, { max: 3, waitMs, visibilityMs: queue.longMs });
      for (const delivery of deliveries) {
        taken++;
        await take(delivery);
      }
      if (deliveries.length > 0) waitedMs = 0;
      else if (trial.ownsTime) return;
      else waitedMs += waitMs;
    }
  };
  await Promise.all(Array.from({ length: receivers }, (_, index) => receiver(transports[index % 2] ?? trial.port)));
}

/** A queue that no other test uses, or the one at `address`. */
export async function openQueue(trial: Trial<Transport>, address?: QueueAddress): Promise<Queue> {
  return queueAt(trial, trial.port, await trial.queue(address));
}

export const bodies = (deliveries: readonly { readonly body: string }[]): string[] =>
  deliveries.map(({ body }) => body);
