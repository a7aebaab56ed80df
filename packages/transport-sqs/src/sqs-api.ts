import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { type DeadRecord, REASON, recordOf, SYSTEM_ATTRIBUTES } from "./sqs-message.js";

/** A message as SQS takes it. */
export interface SqsSend {
  readonly body: string;
  readonly groupId: string;
  readonly deduplicationId: string;
  /** X-Ray's form. It does not count towards the size of the message. */
  readonly traceHeader?: string | undefined;
  readonly reason?: string | undefined;
}

export interface SqsReceive {
  readonly max: number;
  readonly waitSeconds: number;
  readonly visibilitySeconds: number;
  /** Equal for the SDK's retries of one receive: where an answer was lost, SQS gives the same messages again. */
  readonly attemptId: string;
}

/** The operations of SQS that the transport calls, one request each; nothing else here knows the SDK's shapes. */
export interface SqsApi {
  send(url: string, message: SqsSend, signal?: AbortSignal): Promise<void>;
  receive(url: string, options: SqsReceive, signal?: AbortSignal): Promise<readonly DeadRecord[]>;
  remove(url: string, receiptHandle: string): Promise<void>;
  hide(url: string, receiptHandle: string, seconds: number): Promise<void>;
  /** Makes up to 10 messages visible; those whose receipt has ended are visible already. */
  show(url: string, receiptHandles: readonly string[]): Promise<void>;
  attributes(url: string, signal?: AbortSignal): Promise<QueueAttributes>;
  startMove(fromArn: string, toArn: string, signal?: AbortSignal): Promise<void>;
  moves(fromArn: string, signal?: AbortSignal): Promise<readonly ListMessageMoveTasksResultEntry[]>;
}

export type QueueAttributes = { readonly [Name in QueueAttributeName]?: string };

const ATTRIBUTES: QueueAttributeName[] = [
  "QueueArn",
  "FifoQueue",
  "RedrivePolicy",
  "VisibilityTimeout",
  "MaximumMessageSize",
  "MessageRetentionPeriod",
];

const text = (value: string) => ({ DataType: "String", StringValue: value });
const passing = (abortSignal: AbortSignal | undefined) => (abortSignal === undefined ? {} : { abortSignal });

export function sqsApi(client: SQSClient): SqsApi {
  return {
    async send(url, { body, groupId, deduplicationId, traceHeader, reason }, signal) {
      const command = new SendMessageCommand({
        QueueUrl: url,
        MessageBody: body,
        MessageGroupId: groupId,
        MessageDeduplicationId: deduplicationId,
        ...(traceHeader === undefined ? {} : { MessageSystemAttributes: { AWSTraceHeader: text(traceHeader) } }),
        ...(reason === undefined ? {} : { MessageAttributes: { [REASON]: text(reason) } }),
      });
      await client.send(command, passing(signal));
    },

    async receive(url, { max, waitSeconds, visibilitySeconds, attemptId }, signal) {
      const command = new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: max,
        WaitTimeSeconds: waitSeconds,
        VisibilityTimeout: visibilitySeconds,
        ReceiveRequestAttemptId: attemptId,
        MessageSystemAttributeNames: [...SYSTEM_ATTRIBUTES],
        MessageAttributeNames: [REASON],
      });
      const { Messages = [] } = await client.send(command, passing(signal));
      return Messages.map(recordOf);
    },

    async remove(url, receiptHandle) {
      await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: receiptHandle }));
    },

    async hide(url, receiptHandle, seconds) {
      const input = { QueueUrl: url, ReceiptHandle: receiptHandle, VisibilityTimeout: seconds };
      await client.send(new ChangeMessageVisibilityCommand(input));
    },

    async show(url, receiptHandles) {
      const Entries = receiptHandles.map((ReceiptHandle, index) => ({
        Id: String(index),
        ReceiptHandle,
        VisibilityTimeout: 0,
      }));
      await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }));
    },

    async attributes(url, signal) {
      const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ATTRIBUTES });
      const { Attributes = {} } = await client.send(command, passing(signal));
      return Attributes;
    },

    async startMove(fromArn, toArn, signal) {
      const command = new StartMessageMoveTaskCommand({ SourceArn: fromArn, DestinationArn: toArn });
      await client.send(command, passing(signal));
    },

    async moves(fromArn, signal) {
      const command = new ListMessageMoveTasksCommand({ SourceArn: fromArn, MaxResults: 1 });
      return (await client.send(command, passing(signal))).Results ?? [];
    },
  };
}
