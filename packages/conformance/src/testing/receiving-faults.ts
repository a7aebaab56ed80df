import type { Delivery, Transport } from "@agenthandoff/core";
import { deliveryFault, groupFault, messageOf, withDeliveries } from "./delivery-faults.js";
import { type Fault, fault } from "./fault.js";

export const receivingFaults: readonly Fault<Transport>[] = [
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
  fault("a default visibility is used whatever is asked for", ["held-invisible"], (transport) => ({
    receive: (queue, options) =>
      transport.receive(queue, { ...options, visibilityMs: Math.min(options.visibilityMs, 1_000) }),
  })),
  deliveryFault("the receive count is always 1", ["count-grows", "delivery-id"], (delivery) => ({
    id: `${messageOf(delivery)}.1`,
    receiveCount: 1,
  })),
  deliveryFault("a delivery's id is its message's", ["delivery-id"], (delivery) => ({ id: messageOf(delivery) })),
  fault("a batch may hold one more than max", ["receive-max"], (transport) => ({
    receive: (queue, options) =>
      transport.receive(queue, options.max === 1 ? options : { ...options, max: options.max + 1 }),
  })),
  fault("a receive that has waited for nothing rejects", ["receive-empty", "receive-abort"], (transport) => ({
    async receive(queue, options) {
      const deliveries = await transport.receive(queue, options);
      if (deliveries.length === 0 && options.waitMs > 0) throw new Error("timed out");
      return deliveries;
    },
  })),
];
