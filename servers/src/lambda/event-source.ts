import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { Invocation, LambdaFunction } from "./lambda-function.js";
import { failedIn, type SqsEvent, sqsEvent } from "./sqs-event.js";

export interface EventSourceOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** Invoked with what the queue yields. */
  readonly target: LambdaFunction;
  /** Messages an invocation, up to 10. Default: 10. */
  readonly batchSize?: number;
}

/** One receipt, and what became of it. */
export interface Polled {
  readonly event: SqsEvent;
  readonly invocation: Invocation;
  /** The ids of the messages that were deleted. */
  readonly deleted: readonly string[];
  /** The ids of those that stay in the queue, hidden for as long as they are. */
  readonly kept: readonly string[];
}

/** A queue that feeds a function, with ReportBatchItemFailures. */
export interface EventSource {
  /**
   * Receives once, with all attributes and the queue's own visibility timeout; invokes the function; deletes what it did
   * not report. Where it did not return, nothing is deleted. `undefined` where nothing came.
   * @param options.waitSeconds for a first message. Default: 1.
   * @param options.signal Aborting it kills the function.
   */
  poll(options?: {
    readonly waitSeconds?: number;
    readonly signal?: AbortSignal;
    readonly onStarted?: (processId: number) => void;
  }): Promise<Polled | undefined>;
  /** Polls again and again until the signal is aborted, `concurrency` invocations at a time (default 1), and lets them end. */
  run(options: {
    readonly signal: AbortSignal;
    readonly concurrency?: number;
    readonly onPolled?: (polled: Polled) => void;
  }): Promise<void>;
}

export const eventSource = ({ client, queueUrl, target, batchSize = 10 }: EventSourceOptions): EventSource => {
  let arn: Promise<string> | undefined;
  const queueArn = async (): Promise<string> => {
    const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["QueueArn"] });
    return (await client.send(command)).Attributes?.QueueArn ?? "";
  };

  const source: EventSource = {
    async poll({ waitSeconds = 1, ...invoke } = {}) {
      arn ??= queueArn();
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: batchSize,
          WaitTimeSeconds: waitSeconds,
          MessageSystemAttributeNames: ["All"],
          MessageAttributeNames: ["All"],
        }),
      );
      if (Messages.length === 0) return undefined;
      const event = sqsEvent(Messages, await arn);
      const invocation = await target.invoke(event, invoke);
      const all = event.Records.map(({ messageId }) => messageId);
      const kept = invocation.status === "returned" ? failedIn(invocation.response, all) : all;
      const done = event.Records.filter(({ messageId }) => !kept.includes(messageId));
      if (done.length > 0)
        await client.send(
          new DeleteMessageBatchCommand({
            QueueUrl: queueUrl,
            Entries: done.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle })),
          }),
        );
      return { event, invocation, kept, deleted: done.map(({ messageId }) => messageId) };
    },

    async run({ signal, concurrency = 1, onPolled }) {
      const pollAgain = async (): Promise<void> => {
        while (!signal.aborted) {
          const polled = await source.poll();
          if (polled !== undefined) onPolled?.(polled);
        }
      };
      await Promise.all(Array.from({ length: concurrency }, pollAgain));
    },
  };
  return source;
};
