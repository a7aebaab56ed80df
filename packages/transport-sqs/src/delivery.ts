import type { AwsCalls } from "@agenthandoff/aws-common";
import type { Clock, Delivery } from "@agenthandoff/core";
import { isLeaseLost } from "./errors.js";
import type { SqsQueue } from "./queues.js";
import type { SqsApi } from "./sqs-api.js";
import { receiptOf, type SqsRecord } from "./sqs-message.js";
import { keptReason } from "./text.js";
import { visibilitySeconds } from "./visibility.js";

export interface DeliveryOptions {
  readonly queue: SqsQueue;
  readonly api: SqsApi;
  readonly calls: AwsCalls;
  readonly clock: Clock;
  /** A larger body leaves no room for a reason beside it. */
  readonly maxBodyBytes: number;
  /** When the message was received, by the clock. */
  readonly receivedAt: number;
  /** For how long it was hidden then; left out where whoever received it did not say. */
  readonly visibilitySeconds?: number;
}

/** Long enough for the two requests of a rejection and their retries. */
const REJECTING_MS = 60_000;

type Outcome = "done" | "lease-lost";

/** One receipt. SQS says whether it still holds its message, and where SQS would not say, the time does. */
export function createDelivery(record: SqsRecord, options: DeliveryOptions): Delivery {
  const { queue, api, calls, clock, receivedAt } = options;
  const { messageId, receiptHandle, body, attributes } = record;
  const { groupId, receiveCount } = receiptOf(record);
  const endsAfter = (seconds: number | undefined) =>
    seconds === undefined ? Number.POSITIVE_INFINITY : clock.now() + seconds * 1_000;
  let endsAt = endsAfter(options.visibilitySeconds);
  let settled = false;

  /** Does something that needs the lease; SQS may have given the message to somebody else meanwhile. */
  async function whileHeld(operation: string, work: () => Promise<Outcome>): Promise<Outcome> {
    // Deleting by a receipt that has ended may be answered like a success, though nothing was deleted.
    if (settled || clock.now() >= endsAt) return "lease-lost";
    return await calls({ operation, subject: `message ${messageId} of ${queue.url}` }, async () => {
      try {
        return await work();
      } catch (error) {
        if (!isLeaseLost(error)) throw error;
        settled = true;
        return "lease-lost";
      }
    });
  }

  async function remove(): Promise<Outcome> {
    await api.remove(queue.url, receiptHandle);
    settled = true;
    return "done";
  }

  async function hide(seconds: number): Promise<Outcome> {
    const end = endsAfter(seconds);
    await api.hide(queue.url, receiptHandle, seconds);
    endsAt = end;
    return "done";
  }

  const secondsLeft = (ms: number): number => visibilitySeconds(ms, clock.now() - receivedAt);

  return {
    id: `${messageId}.${receiveCount}`,
    body,
    groupId,
    receiveCount,
    acknowledge: () => whileHeld("acknowledge", remove),

    extend: async (visibilityMs) => {
      const seconds = secondsLeft(visibilityMs);
      // Past 12 hours SQS takes the message back, whatever is asked of it.
      if (seconds === 0 && visibilityMs > 0) return "lease-lost";
      return await whileHeld("extend", () => hide(seconds));
    },

    release: async (delayMs) => {
      const seconds = secondsLeft(delayMs);
      return await whileHeld("release", async () => {
        await hide(seconds);
        settled = true;
        return "done";
      });
    },

    // In this order no crash loses the message. One in the middle has it rejected again when it comes back: the same
    // deduplication id keeps the dead letter single, for 5 minutes.
    reject: (reason) =>
      whileHeld("reject", async () => {
        // Only whoever holds a message may bury it, so this asks first.
        const seconds = secondsLeft(REJECTING_MS);
        if (seconds === 0) return "lease-lost";
        await hide(seconds);
        await api.send(queue.deadLetterUrl, {
          body,
          groupId,
          deduplicationId: `rejected-${messageId}`,
          traceHeader: attributes.AWSTraceHeader,
          reason: Buffer.byteLength(body) > options.maxBodyBytes ? undefined : keptReason(reason),
        });
        return await remove();
      }),
  };
}
