import type { DeadLetter, Delivery, OutgoingMessage, QueueAddress, Transport } from "@agenthandoff/core";
import { type Fault, fault } from "./fault.js";

/** A transport whose deliveries are changed. */
export function withDeliveries(transport: Transport, change: (delivery: Delivery) => Delivery): Transport {
  return {
    ...transport,
    receive: async (queue, options) => (await transport.receive(queue, options)).map(change),
  };
}

/** The id of a delivery's message. */
export const messageOf = ({ id }: { readonly id: string }): string => id.slice(0, id.lastIndexOf("."));

/** What memory calls a queue. */
export const nameOf = ({ relayId, agent }: QueueAddress): string => JSON.stringify([relayId, agent]);

/** A fault in what deliveries do. */
export function deliveryFault(
  what: string,
  breaks: readonly string[],
  change: (delivery: Delivery) => Partial<Delivery>,
): Fault<Transport> {
  return fault(what, breaks, (transport) =>
    withDeliveries(transport, (delivery) => ({ ...delivery, ...change(delivery) })),
  );
}

/** A fault in what a delivery does that has lost its lease: it reaches through to whoever holds the message now. */
export function staleFault(
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
export function groupFault(
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
