import type { Message, MessageAttributeValue } from "@aws-sdk/client-sqs";

/** An event as Lambda's event source for SQS makes it. */
export interface SqsEvent {
  readonly Records: readonly SqsEventRecord[];
}

export interface SqsEventRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, SqsEventAttribute>>;
  readonly md5OfMessageAttributes?: string;
  readonly md5OfBody: string;
  readonly eventSource: "aws:sqs";
  readonly eventSourceARN: string;
  readonly awsRegion: string;
}

interface SqsEventAttribute {
  readonly stringValue?: string;
  readonly binaryValue?: string;
  readonly stringListValues: readonly string[];
  readonly binaryListValues: readonly string[];
  readonly dataType: string;
}

/** The event for messages that were received with all their attributes. */
export const sqsEvent = (messages: readonly Message[], queueArn: string): SqsEvent => ({
  Records: messages.map((message) => ({
    messageId: message.MessageId ?? "",
    receiptHandle: message.ReceiptHandle ?? "",
    body: message.Body ?? "",
    attributes: { ...message.Attributes },
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, attributeOf(value)]),
    ),
    ...(message.MD5OfMessageAttributes === undefined ? {} : { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
    md5OfBody: message.MD5OfBody ?? "",
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: queueArn.split(":")[3] ?? "",
  })),
});

const attributeOf = ({ StringValue, BinaryValue, DataType = "" }: MessageAttributeValue): SqsEventAttribute => ({
  ...(StringValue === undefined ? {} : { stringValue: StringValue }),
  ...(BinaryValue === undefined ? {} : { binaryValue: Buffer.from(BinaryValue).toString("base64") }),
  stringListValues: [],
  binaryListValues: [],
  dataType: DataType,
});

/**
 * The messages that a function's answer leaves in the queue, as Lambda reads it with ReportBatchItemFailures: nothing
 * reported is success, and a report that is not understood is a failure of all.
 */
export const failedIn = (response: unknown, messageIds: readonly string[]): readonly string[] => {
  const failures = (response as { batchItemFailures?: unknown } | null | undefined)?.batchItemFailures;
  if (failures === null || failures === undefined) return [];
  if (!Array.isArray(failures)) return messageIds;
  const reported = failures.map((each: { itemIdentifier?: unknown } | null) => each?.itemIdentifier);
  return reported.every((id) => typeof id === "string" && messageIds.includes(id))
    ? messageIds.filter((id) => reported.includes(id))
    : messageIds;
};
