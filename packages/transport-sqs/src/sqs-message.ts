import { BackendUnusableError } from "@agenthandoff/core";
import type { Message } from "@aws-sdk/client-sqs";

/** A message as somebody received it: what ReceiveMessage and a Lambda's event have in common, in the event's words. */
export interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  /** The system attributes: ApproximateReceiveCount and MessageGroupId are needed. */
  readonly attributes: { readonly [name: string]: string | undefined };
}

/** A record from a dead-letter queue. */
export interface DeadRecord extends SqsRecord {
  /** The text that was given to `reject`, if it came by that. */
  readonly rejectedBecause?: string;
}

/** The attribute of a dead letter that says why it was rejected. */
export const REASON = "reason";

/** The system attributes that are asked for. */
export const SYSTEM_ATTRIBUTES = [
  "ApproximateReceiveCount",
  "MessageGroupId",
  "SentTimestamp",
  "SequenceNumber",
  "AWSTraceHeader",
  "DeadLetterQueueSourceArn",
] as const;

/** @throws Error where the answer lacks what every message of SQS has */
export function recordOf({ MessageId, ReceiptHandle, Body, Attributes, MessageAttributes }: Message): DeadRecord {
  if (MessageId === undefined || ReceiptHandle === undefined || Body === undefined) {
    throw new Error("the answer holds a message without an id, a receipt handle or a body");
  }
  const reason = MessageAttributes?.[REASON]?.StringValue;
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Attributes ?? {},
    ...(reason === undefined ? {} : { rejectedBecause: reason }),
  };
}

/**
 * The group of a record, and which receipt of its message it is.
 * @throws BackendUnusableError for a record of a standard queue
 */
export function receiptOf({ messageId, attributes }: SqsRecord): {
  readonly groupId: string;
  readonly receiveCount: number;
} {
  const { MessageGroupId: groupId, ApproximateReceiveCount: count } = attributes;
  const receiveCount = Number(count);
  if (groupId === undefined || !Number.isInteger(receiveCount) || receiveCount < 1) {
    const message = `message ${messageId} bears no MessageGroupId and ApproximateReceiveCount, as those of FIFO queues do; create a FIFO queue and name that`;
    throw new BackendUnusableError(message, { reason: "standard-queue" });
  }
  return { groupId, receiveCount };
}

/** Why a letter is dead. A reason that it bears from an earlier death is not why SQS moved it. */
export function reasonOf({ attributes, rejectedBecause }: DeadRecord): string | undefined {
  const moved = attributes.DeadLetterQueueSourceArn !== undefined;
  return moved ? "received more often than the queue's maxReceiveCount allows" : rejectedBecause;
}

/** The first to die first: SQS sets both values anew when a message comes into a FIFO dead-letter queue. */
export function byDeath(one: SqsRecord, other: SqsRecord): number {
  const [a, b] = [one, other].map(({ attributes }) => ({
    at: Number(attributes.SentTimestamp ?? 0),
    // Up to 38 digits: as text of one length they compare as numbers.
    sequence: (attributes.SequenceNumber ?? "").padStart(40, "0"),
  })) as [{ at: number; sequence: string }, { at: number; sequence: string }];
  return a.at - b.at || (a.sequence < b.sequence ? -1 : 1);
}
