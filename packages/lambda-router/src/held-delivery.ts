import type { Clock, Delivery } from "@agenthandoff/core";

/** A message that Lambda received and will delete, held for as long as the function can live. */
export interface HeldDelivery {
  /** What the relay is given. */
  readonly delivery: Delivery;
  /** Hides the message until the function has ended; `"lease-lost"` where somebody else has it. */
  hold(): Promise<"done" | "lease-lost">;
}

/**
 * Wraps the delivery of a message that Lambda received.
 * @param until when the function has surely ended, in milliseconds since the epoch by the clock
 */
export function heldDelivery(delivery: Delivery, clock: Clock, until: number): HeldDelivery {
  let held: Promise<"done" | "lease-lost"> | undefined;
  const hold = (): Promise<"done" | "lease-lost"> => {
    held ??= delivery.extend(until - clock.now()).catch((error: unknown) => {
      // Not confirmed, so the next extension asks again.
      held = undefined;
      throw error;
    });
    return held;
  };
  return {
    hold,
    delivery: {
      id: delivery.id,
      body: delivery.body,
      groupId: delivery.groupId,
      receiveCount: delivery.receiveCount,
      // Lambda deletes what is not reported to have failed.
      acknowledge: async () => "done",
      // Held for the function's whole life already: core's extensions would only shorten that, or outlast it.
      extend: hold,
      release: (delayMs) => delivery.release(delayMs),
      reject: (reason) => delivery.reject(reason),
    },
  };
}
