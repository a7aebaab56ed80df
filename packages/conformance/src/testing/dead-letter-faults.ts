import type { Transport } from "@agenthandoff/core";
import { collect } from "../expect.js";
import { deliveryFault, groupFault, messageOf, nameOf, withDeliveries } from "./delivery-faults.js";
import { type Fault, fault } from "./fault.js";

export const deadLetterFaults: readonly Fault<Transport>[] = [
  groupFault(
    "a group waits for every other",
    ["groups-independent", "groups-independent-delayed", "held-once"],
    () => "the only one",
  ),
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
];
