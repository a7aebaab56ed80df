import type { AuditLog, ContextStore, Delivery, Transport } from "@agenthandoff/core";
import {
  type FakeClock,
  fakeClock,
  type MemoryData,
  memoryAuditLog,
  memoryData,
  memoryStore,
  memoryTransport,
} from "@agenthandoff/core/memory";
import { expect, it } from "vitest";
import { auditLogPromises, type ContractPromise, check, contextStorePromises, transportPromises } from "./index.js";
import { messageOf, nameOf, withDeliveries } from "./testing/delivery-faults.js";
import { from } from "./testing/fault.js";

// What a contract leaves open, a driver may do in its own way, and no promise is broken by it.

interface Place {
  readonly data: MemoryData;
  readonly clock: FakeClock;
}

async function keepsEverything<Port>(
  promises: readonly ContractPromise<Port>[],
  open: (place: Place, closed: AbortSignal) => Port,
): Promise<void> {
  const createFixture = () => {
    const place = { data: memoryData(), clock: fakeClock() };
    return {
      open: () => open(place, new AbortController().signal),
      openBroken: () => open(place, AbortSignal.abort()),
      advance: (ms: number) => place.clock.advance(ms),
    };
  };
  const findings = await check(promises, createFixture, { maxReceiveCount: 5, seed: 1, runs: 50 });
  expect(findings.filter(({ status }) => status !== "kept")).toEqual([]);
}

const transportOf = ({ data, clock }: Place, closed: AbortSignal): Transport =>
  memoryTransport({ data, clock, closed, maxReceiveCount: 5 });

it("a store may give buffers, and list from a snapshot", () =>
  keepsEverything<ContextStore>(contextStorePromises, ({ data }, closed) => {
    const store = memoryStore({ data, closed });
    return {
      ...store,
      async get(key, options) {
        const bytes = await store.get(key, options);
        return bytes === undefined ? undefined : Buffer.from(bytes);
      },
      async *list(prefix, options) {
        const keys: string[] = [];
        for await (const key of store.list(prefix, options)) keys.push(key);
        for (const key of keys) {
          options?.signal?.throwIfAborted();
          yield key;
        }
      },
    };
  }));

it("a transport may take a lease back as soon as its visibility has run out", () =>
  keepsEverything<Transport>(transportPromises, (place, closed) => {
    const transport = transportOf(place, closed);
    return {
      ...transport,
      async receive(queue, options) {
        const deliveries = await transport.receive(queue, options);
        return deliveries.map((delivery) => expiring(delivery, place.clock.now() + options.visibilityMs));
      },
    };

    function expiring(delivery: Delivery, visibleAt: number): Delivery {
      let expiresAt = visibleAt;
      const whileHeld = async (action: () => Promise<"done" | "lease-lost">): Promise<"done" | "lease-lost"> =>
        place.clock.now() < expiresAt ? await action() : "lease-lost";
      return {
        ...delivery,
        acknowledge: () => whileHeld(delivery.acknowledge),
        release: (delayMs) => whileHeld(() => delivery.release(delayMs)),
        reject: (reason) => whileHeld(() => delivery.reject(reason)),
        extend: (visibilityMs) =>
          whileHeld(() => {
            expiresAt = place.clock.now() + visibilityMs;
            return delivery.extend(visibilityMs);
          }),
      };
    }
  }));

it("a transport may return fewer messages than it was asked for", () =>
  keepsEverything<Transport>(transportPromises, (place, closed) => {
    const transport = transportOf(place, closed);
    return { ...transport, receive: (queue, options) => transport.receive(queue, { ...options, max: 1 }) };
  }));

it("a transport may redrive in any order", () =>
  keepsEverything<Transport>(transportPromises, (place, closed) => {
    const transport = transportOf(place, closed);
    return {
      ...transport,
      async redrive(queue, options) {
        const dead = place.data.queues.get(nameOf(queue))?.dead ?? new Map();
        const letters = [...dead.entries()].reverse();
        dead.clear();
        for (const [id, letter] of letters) dead.set(id, letter);
        return await transport.redrive(queue, options);
      },
    };
  }));

it("a transport may name its messages as it likes", () =>
  keepsEverything<Transport>(transportPromises, (place, closed) =>
    withDeliveries(transportOf(place, closed), (delivery) => ({
      ...delivery,
      id: `a.name.with.dots-${messageOf(delivery)}.${delivery.receiveCount}`,
    })),
  ));

it("a log's listings may lag behind what was appended", () =>
  keepsEverything<AuditLog>(auditLogPromises, ({ data }, closed) => {
    const log = memoryAuditLog({ data, closed });
    const late = new Map<string, unknown[]>();
    let asked = 0;
    /** Every other time it answers what it has answered to the same question before. */
    function lagging<Value>(question: unknown[], answer: AsyncIterable<Value>): AsyncIterable<Value> {
      const name = JSON.stringify(question);
      return from(
        (async () => {
          const now: Value[] = [];
          for await (const value of answer) now.push(value);
          const before = (late.get(name) ?? now) as Value[];
          late.set(name, now);
          asked++;
          return asked % 2 === 0 ? before : now;
        })(),
      );
    }
    return {
      ...log,
      byAgent: (relayId, agent, options) => lagging(["byAgent", relayId, agent], log.byAgent(relayId, agent, options)),
      tasks: (relayId, query) => lagging(["tasks", relayId, query], log.tasks(relayId, query)),
      intents: (relayId, options) => lagging(["intents", relayId], log.intents(relayId, options)),
    };
  }));
