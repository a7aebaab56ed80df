import { InvalidOptionsError } from "@agenthandoff/core";
import { z } from "zod";

/** What the handlers use of a Lambda's context. */
export interface FunctionContext {
  /** Milliseconds until Lambda ends this invocation. */
  getRemainingTimeInMillis(): number;
}

/** What Lambda is told of a batch: the messages that it must not delete. */
export interface BatchResponse {
  batchItemFailures: { itemIdentifier: string }[];
}

/** One message of an event of SQS. */
export interface EventRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
  readonly eventSourceARN: string;
}

const event = z.looseObject({
  Records: z
    .array(
      z.looseObject({
        messageId: z.string().min(1),
        receiptHandle: z.string().min(1),
        body: z.string(),
        attributes: z.record(z.string(), z.string().optional()),
        eventSource: z.literal("aws:sqs"),
        eventSourceARN: z.string().min(1),
      }),
    )
    .min(1),
});

/**
 * The messages of an event that SQS invoked a function with.
 * @throws InvalidOptionsError for any other event: the function is not set up for it
 */
export function parseSqsEvent(unparsed: unknown): readonly EventRecord[] {
  const parsed = event.safeParse(unparsed);
  if (parsed.success) return parsed.data.Records;
  throw new InvalidOptionsError(
    `this event is not one of SQS; connect the function to its agents' queues by an event source mapping with ReportBatchItemFailures, and to nothing else: ${z.prettifyError(parsed.error)}`,
  );
}
