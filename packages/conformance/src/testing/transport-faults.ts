import type { DeadLetter, Delivery, OutgoingMessage, QueueAddress, Transport } from "@agenthandoff/core";
import { collect } from "../expect.js";
import { type Fault, fault } from "./fault.js";

/** A transport whose deliveries are changed. */
function withDeliveries(transport: Transport, change: (delivery: Delivery) => Delivery): Transport {
  return {
    ...transport,
    receive: async (queue, options) => (await transport.receive(queue, options)).map(change),
  };
}

/** The id of a delivery's message. */
const messageOf = ({ id }: { readonly id: string }): string => id.slice(0, id.lastIndexOf("."));

/** What memory calls a queue. */
const nameOf = ({ relayId, agent }: QueueAddress): string => JSON.stringify([relayId, agent]);

/** A fault in what deliveries do. */
function deliveryFault(
  what: string,
  breaks: readonly string[],
  change: (delivery: Delivery) => Partial<Delivery>,
): Fault<Transport> {
  return fault(what, breaks, (transport) =>
    withDeliveries(transport, (delivery) => ({ ...delivery, ...change(delivery) })),
  );
}

/** A fault in what a delivery does that has lost its lease: it reaches through to whoever holds the message now. */
function staleFault(
  action: "acknowledge" | "extend" | "release" | "reject",
  breaks: readonly string[],
): Fault<Transport> {
  return {
    what: `a stale delivery can still ${action}`,
    breaks,
    plant: () => {
      const latest = new Map<string, Delivery>();
      return (transport) =>
        withDeliveries(transport, (delivery) => {
          latest.set(messageOf(delivery), delivery);
          const holder = (): Delivery => latest.get(messageOf(delivery)) ?? delivery;
          return {
            ...delivery,
            acknowledge: () => (action === "acknowledge" ? holder() : delivery).acknowledge(),
            extend: (visibilityMs) => (action === "extend" ? holder() : delivery).extend(visibilityMs),
            release: (delayMs) => (action === "release" ? holder() : delivery).release(delayMs),
            reject: (reason) => (action === "reject" ? holder() : delivery).reject(reason),
          };
        });
    },
  };
}

/** A fault in what counts as a group; callers still see the group that they gave. */
function groupFault(
  what: string,
  breaks: readonly string[],
  groupOf: (message: OutgoingMessage) => string,
): Fault<Transport> {
  return {
    what,
    breaks,
    plant: () => {
      const groups = new Map<string, string>();
      const renamed = <Kind extends Delivery | DeadLetter>(message: Kind): Kind => ({
        ...message,
        groupId: groups.get(message.body) ?? message.groupId,
      });
      return (transport) => ({
        ...withDeliveries(transport, renamed),
        async send(queue, message, options) {
          groups.set(message.body, message.groupId);
          await transport.send(queue, { ...message, groupId: groupOf(message) }, options);
        },
        async *deadLetters(queue, options) {
          for await (const letter of transport.deadLetters(queue, options)) yield renamed(letter);
        },
      });
    },
  };
}

export const transportFaults: readonly Fault<Transport>[] = [
  fault(
    "deduplication ids are ignored",
    ["deduplication-drops", "deduplication-outlives-acknowledgement", "deduplication-concurrent", "deduplication-ends"],
    (transport) => {
      let count = 0;
      return {
        send: (queue, message, options) =>
          transport.send(queue, { ...message, deduplicationId: `${++count} ${Math.random()}` }, options),
      };
    },
  ),
  {
    what: "a deduplication id is forgotten when its message is acknowledged",
    breaks: ["deduplication-outlives-acknowledgement", "deduplication-ends"],
    plant: (data) => {
      const ids = new Map<string, string>();
      return (transport) => ({
        ...withDeliveries(transport, (delivery) => ({
          ...delivery,
          async acknowledge() {
            const answer = await delivery.acknowledge();
            if (answer === "done")
              for (const { accepted } of data.queues.values()) accepted.delete(ids.get(delivery.body) ?? "");
            return answer;
          },
        })),
        async send(queue, message, options) {
          ids.set(message.body, message.deduplicationId);
          await transport.send(queue, message, options);
        },
      });
    },
  },
  fault(
    "only a repeated body is a repetition",
    ["deduplication-drops", "deduplication-concurrent", "deduplication-outlives-acknowledgement", "deduplication-ends"],
    (transport) => ({
      send: (queue, message, options) =>
        transport.send(queue, { ...message, deduplicationId: message.body.slice(0, 100) }, options),
    }),
  ),
  {
    what: "a deduplication id that was dropped counts anew",
    breaks: ["deduplication-ends"],
    plant: (data, clock) => (transport) => ({
      ...transport,
      async send(queue, message, options) {
        await transport.send(queue, message, options);
        data.queues.get(nameOf(queue))?.accepted.delete(message.deduplicationId);
        data.queues.get(nameOf(queue))?.accepted.set(message.deduplicationId, clock.now());
      },
    }),
  },
  fault("queues are named by joining relay and agent", ["queues-apart"], (transport) => {
    const joined = ({ relayId, agent }: QueueAddress): QueueAddress => ({ relayId: "", agent: `${relayId}-${agent}` });
    return {
      send: (queue, ...rest) => transport.send(joined(queue), ...rest),
      receive: (queue, ...rest) => transport.receive(joined(queue), ...rest),
      deadLetters: (queue, ...rest) => transport.deadLetters(joined(queue), ...rest),
      redrive: (queue, ...rest) => transport.redrive(joined(queue), ...rest),
    };
  }),
  fault("a body that is too large is cut", ["send-limit"], (transport) => ({
    send: (queue, message, options) =>
      transport.send(queue, { ...message, body: message.body.slice(0, transport.maxMessageBytes) }, options),
  })),
  fault("a space at the end of a body is lost", ["send-delivers"], (transport) => ({
    send: (queue, message, options) => transport.send(queue, { ...message, body: message.body.trim() }, options),
  })),
  fault("the queue that cannot be reached is empty", ["transport-failure"], (transport) => ({
    receive: (queue, options) => transport.receive(queue, options).catch(() => []),
  })),
  fault("send ignores the signal", ["transport-signal"], (transport) => ({
    send: (queue, message) => transport.send(queue, message),
  })),
  fault("an aborted receive goes on behind the caller's back", ["receive-abort"], (transport) => ({
    async receive(queue, { signal, ...options }) {
      const received = transport.receive(queue, options);
      if (signal === undefined) return await received;
      const aborted = new Promise<readonly Delivery[]>((resolve) => {
        if (signal.aborted) resolve([]);
        else signal.addEventListener("abort", () => resolve([]), { once: true });
      });
      return await Promise.race([received, aborted]);
    },
  })),
  fault("receive does not wait", ["receive-waits", "release-wakes"], (transport) => ({
    receive: (queue, options) => transport.receive(queue, { ...options, waitMs: 0 }),
  })),
  fault("a batch comes in reverse", ["group-order", "groups-concurrent"], (transport) => ({
    receive: async (queue, options) => [...(await transport.receive(queue, options))].reverse(),
  })),
  {
    what: "a message that comes again goes to the end of its group",
    breaks: ["group-order-kept", "received-too-often"],
    plant: (data) => (transport) =>
      withDeliveries(transport, (delivery) => ({
        ...delivery,
        async release(delayMs) {
          const answer = await delivery.release(delayMs);
          for (const { messages } of data.queues.values()) {
            const message = messages.get(messageOf(delivery));
            if (answer === "lease-lost" || message === undefined) continue;
            messages.delete(message.id);
            messages.set(message.id, message);
          }
          return answer;
        },
      })),
  },
  groupFault(
    "groups are ignored",
    ["group-held", "group-delayed", "groups-concurrent"],
    ({ groupId, body }) => `${groupId} ${body}`,
  ),
  groupFault(
    "a group waits for every other",
    ["groups-independent", "groups-independent-delayed", "held-once"],
    () => "the only one",
  ),
  fault(
    "visibility never ends",
    ["visibility-ends", "group-order-kept", "stale-acknowledge", "stale-extend", "stale-release", "stale-reject"],
    (transport) => ({
      receive: (queue, options) => transport.receive(queue, { ...options, visibilityMs: transport.maxVisibilityMs }),
    }),
  ),
  fault("a default visibility is used whatever is asked for", ["held-invisible"], (transport) => ({
    receive: (queue, options) =>
      transport.receive(queue, { ...options, visibilityMs: Math.min(options.visibilityMs, 1_000) }),
  })),
  deliveryFault("the receive count is always 1", ["count-grows", "delivery-id"], (delivery) => ({
    id: `${messageOf(delivery)}.1`,
    receiveCount: 1,
  })),
  deliveryFault("a delivery's id is its message's", ["delivery-id"], (delivery) => ({ id: messageOf(delivery) })),
  {
    what: "extend changes nothing",
    breaks: ["extend-keeps", "extend-from-now"],
    plant: (data) => (transport) =>
      withDeliveries(transport, (delivery) => ({
        ...delivery,
        async extend(visibilityMs) {
          const [message] = [...data.queues.values()].flatMap(
            ({ messages }) => messages.get(messageOf(delivery)) ?? [],
          );
          const before = message?.visibleAt;
          const answer = await delivery.extend(visibilityMs);
          if (message !== undefined && before !== undefined) message.visibleAt = before;
          return answer;
        },
      })),
  },
  deliveryFault("extend adds to what is left", ["extend-from-now"], (delivery) => ({
    extend: (visibilityMs) => delivery.extend(visibilityMs + 60_000),
  })),
  deliveryFault("a delay is ignored", ["release-delays", "group-delayed"], (delivery) => ({
    release: () => delivery.release(0),
  })),
  staleFault("acknowledge", ["stale-acknowledge"]),
  staleFault("extend", ["stale-extend"]),
  staleFault("release", ["stale-release"]),
  staleFault("reject", ["stale-reject"]),
  deliveryFault(
    "a lost lease is reported as kept",
    ["stale-acknowledge", "settled-acknowledge", "settled-release", "settled-reject"],
    (delivery) => ({
      async acknowledge() {
        await delivery.acknowledge();
        return "done";
      },
    }),
  ),
  {
    what: "an acknowledged message comes back after a while",
    breaks: ["acknowledge-removes", "deduplication-ends"],
    plant: (data, clock) => (transport) =>
      withDeliveries(transport, (delivery) => ({
        ...delivery,
        async acknowledge() {
          const queues = [...data.queues.values()].filter(({ messages }) => messages.has(messageOf(delivery)));
          const answer = await delivery.acknowledge();
          const { body, groupId, receiveCount } = delivery;
          const ghost = {
            id: `${messageOf(delivery)} again`,
            body,
            groupId: `${groupId} again`,
            receiveCount,
            heldBy: undefined,
          };
          for (const { messages, invisible } of queues) {
            const message = { ...ghost, visibleAt: clock.now() + 30_000 };
            messages.set(message.id, message);
            invisible.add(message);
          }
          return answer;
        },
      })),
  },
  deliveryFault("a released delivery can still acknowledge", ["settled-release"], (delivery) => {
    let released = false;
    return {
      async release(delayMs) {
        released = true;
        return await delivery.release(delayMs);
      },
      async acknowledge() {
        return released ? "done" : await delivery.acknowledge();
      },
    };
  }),
  fault("a dead letter has lost its group", ["reject-buries"], (transport) => ({
    async *deadLetters(queue, options) {
      for await (const letter of transport.deadLetters(queue, options)) yield { ...letter, groupId: "" };
    },
  })),
  deliveryFault("the reason of a rejection is lost", ["reject-reason"], (delivery) => ({
    reject: () => delivery.reject(""),
  })),
  fault("dead letters come newest first", ["dead-letters-order"], (transport) => ({
    async *deadLetters(queue, options) {
      yield* (await collect(transport.deadLetters(queue, options))).reverse();
    },
  })),
  {
    what: "a handle lists only what it has rejected itself",
    breaks: ["dead-letters-stay"],
    plant: () => {
      const rejectedBy = new Map<string, Transport>();
      return (transport) => ({
        ...withDeliveries(transport, (delivery) => ({
          ...delivery,
          async reject(reason) {
            rejectedBy.set(delivery.body, transport);
            return await delivery.reject(reason);
          },
        })),
        async *deadLetters(queue, options) {
          for await (const letter of transport.deadLetters(queue, options)) {
            if ((rejectedBy.get(letter.body) ?? transport) === transport) yield letter;
          }
        },
      });
    },
  },
  {
    what: "all queues share their dead letters",
    breaks: ["dead-letters-apart"],
    plant: (data) => (transport) => ({
      ...transport,
      async *deadLetters(queue, options) {
        yield* await collect(transport.deadLetters(queue, options));
        for (const [name, { dead }] of data.queues) {
          if (name !== nameOf(queue)) yield* dead.values();
        }
      },
    }),
  },
  {
    what: "a message is received for ever",
    breaks: ["received-too-often"],
    plant: (data) => (transport) => ({
      ...transport,
      async receive(queue, options) {
        for (const { messages } of data.queues.values())
          for (const message of messages.values()) message.receiveCount %= 5;
        return await transport.receive(queue, options);
      },
    }),
  },
  {
    what: "redrive is deduplicated",
    breaks: ["redrive-all", "redrive-chosen", "redrive-fresh-count", "redrive-past-deduplication"],
    plant: (data) => {
      const ids = new Map<string, string>();
      return (transport) => ({
        ...transport,
        async send(queue, message, options) {
          ids.set(message.body, message.deduplicationId);
          await transport.send(queue, message, options);
        },
        async redrive(queue, options) {
          const letters = await collect(transport.deadLetters(queue, options));
          const chosen = letters.filter(({ id }) => options?.ids?.includes(id) ?? true);
          for (const { id, body, groupId } of chosen) {
            data.queues.get(nameOf(queue))?.dead.delete(id);
            await transport.send(queue, { body, groupId, deduplicationId: ids.get(body) ?? body }, options);
          }
          return chosen.length;
        },
      });
    },
  },
  fault("redrive ignores the ids", ["redrive-chosen"], (transport) => ({
    redrive: (queue, { ids: _, ...options } = {}) => transport.redrive(queue, options),
  })),
  fault("redrive tells how many were asked for", ["redrive-chosen"], (transport) => ({
    async redrive(queue, options) {
      const moved = await transport.redrive(queue, options);
      return options?.ids?.length ?? moved;
    },
  })),
  {
    what: "a redriven message keeps its receive count",
    breaks: ["redrive-fresh-count"],
    plant: () => {
      const counts = new Map<string, number>();
      return (transport) => ({
        ...transport,
        async receive(queue, options) {
          return (await transport.receive(queue, options)).map((delivery) => {
            const receiveCount = (counts.get(delivery.body) ?? 0) + 1;
            counts.set(delivery.body, receiveCount);
            return { ...delivery, id: `${messageOf(delivery)}.${receiveCount}`, receiveCount };
          });
        },
      });
    },
  },
  {
    what: "a redriven message keeps its id",
    breaks: ["redrive-fresh-count"],
    plant: () => {
      const names = new Map<string, string>();
      return (transport) =>
        withDeliveries(transport, (delivery) => {
          const name = names.get(delivery.body) ?? messageOf(delivery);
          names.set(delivery.body, name);
          return { ...delivery, id: `${name}.${delivery.receiveCount}` };
        });
    },
  },
  {
    what: "a group's message is lost when one before it dies",
    breaks: ["group-flows"],
    plant: (data) => (transport) =>
      withDeliveries(transport, (delivery) => ({
        ...delivery,
        async reject(reason) {
          const answer = await delivery.reject(reason);
          if (answer === "lease-lost") return answer;
          for (const { messages, dead } of data.queues.values()) {
            if (!dead.has(messageOf(delivery))) continue;
            const next = [...messages.values()].find(({ groupId }) => groupId === delivery.groupId);
            if (next !== undefined) messages.delete(next.id);
          }
          return answer;
        },
      })),
  },
  deliveryFault("a message that was extended and then released is lost", ["queue-law"], (delivery) => {
    let extended = false;
    return {
      async extend(visibilityMs) {
        extended = true;
        return await delivery.extend(visibilityMs);
      },
      async release(delayMs) {
        return extended ? await delivery.acknowledge() : await delivery.release(delayMs);
      },
    };
  }),
];
