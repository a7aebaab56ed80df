import type { Delivery, Transport } from "@agenthandoff/core";
import { deliveryFault, messageOf, staleFault, withDeliveries } from "./delivery-faults.js";
import { type Fault, fault } from "./fault.js";

export const leaseFaults: readonly Fault<Transport>[] = [
  fault(
    "visibility never ends",
    ["visibility-ends", "group-order-kept", "stale-acknowledge", "stale-extend", "stale-release", "stale-reject"],
    (transport) => ({
      receive: (queue, options) => transport.receive(queue, { ...options, visibilityMs: transport.maxVisibilityMs }),
    }),
  ),
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
  {
    what: "a released message comes back to its own handle only",
    breaks: ["release-returns"],
    plant: () => {
      const releasedBy = new Map<string, Transport>();
      return (transport) => ({
        ...transport,
        async receive(queue, options) {
          const own: Delivery[] = [];
          for (const delivery of await transport.receive(queue, options)) {
            if ((releasedBy.get(delivery.body) ?? transport) !== transport) {
              await delivery.release(0);
              continue;
            }
            own.push({
              ...delivery,
              async release(delayMs) {
                const answer = await delivery.release(delayMs);
                if (answer === "done") releasedBy.set(delivery.body, transport);
                return answer;
              },
            });
          }
          return own;
        },
      });
    },
  },
];
