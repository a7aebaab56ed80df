import type { Delivery, QueueAddress, Transport } from "@agenthandoff/core";
import { collect } from "../expect.js";
import { messageOf, nameOf, withDeliveries } from "./delivery-faults.js";
import { type Fault, fault } from "./fault.js";

export const sendingFaults: readonly Fault<Transport>[] = [
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
  {
    what: "a handle gets at first only what it has sent itself",
    breaks: ["send-other-handle", "receive-waits"],
    plant: () => {
      const sentBy = new Map<string, Transport>();
      return (transport) => ({
        ...transport,
        async send(queue, message, options) {
          sentBy.set(message.body, transport);
          await transport.send(queue, message, options);
        },
        async receive(queue, options) {
          const own: Delivery[] = [];
          for (const delivery of await transport.receive(queue, options)) {
            if (sentBy.get(delivery.body) === transport || delivery.receiveCount > 1) own.push(delivery);
            else await delivery.release(0);
          }
          return own;
        },
      });
    },
  },
];
