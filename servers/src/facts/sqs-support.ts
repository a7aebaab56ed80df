import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { uniqueName } from "./fact.js";

type Attributes = Partial<Record<QueueAttributeName, string>>;

/** A FIFO queue of its own. @returns its URL. */
export const newQueue = async (sqs: SQSClient, attributes: Attributes = {}): Promise<string> => {
  const { QueueUrl = "" } = await sqs.send(
    new CreateQueueCommand({
      QueueName: `${uniqueName("facts")}.fifo`,
      Attributes: { FifoQueue: "true", VisibilityTimeout: "60", ...attributes },
    }),
  );
  return QueueUrl;
};

/** A queue without order. */
export const newStandardQueue = async (sqs: SQSClient): Promise<string> =>
  (await sqs.send(new CreateQueueCommand({ QueueName: uniqueName("facts") }))).QueueUrl ?? "";

export const arnOf = async (sqs: SQSClient, queueUrl: string): Promise<string> => {
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["QueueArn"] }),
  );
  return Attributes?.QueueArn ?? "";
};

/** A queue whose messages move to another one after `maxReceiveCount` receipts. */
export const newQueueWithDeadLetters = async (
  sqs: SQSClient,
  maxReceiveCount: number,
): Promise<{ readonly queue: string; readonly deadLetters: string }> => {
  const deadLetters = await newQueue(sqs);
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: await arnOf(sqs, deadLetters), maxReceiveCount });
  return { queue: await newQueue(sqs, { RedrivePolicy, VisibilityTimeout: "0" }), deadLetters };
};

export const send = (
  sqs: SQSClient,
  queue: string,
  body: string,
  more: Partial<SendMessageCommandInput> = {},
): Promise<{ MessageId?: string | undefined; SequenceNumber?: string | undefined }> =>
  sqs.send(
    new SendMessageCommand({
      QueueUrl: queue,
      MessageBody: body,
      MessageGroupId: "group",
      MessageDeduplicationId: body,
      ...more,
    }),
  );

export const receive = async (sqs: SQSClient, queue: string, waitSeconds = 0): Promise<readonly Message[]> => {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queue,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    }),
  );
  return Messages;
};

export const bodiesOf = (messages: readonly Message[]): string =>
  messages.length === 0 ? "nothing" : messages.map((message) => message.Body).join(" ");

export const handleOf = (messages: readonly Message[]): string => messages[0]?.ReceiptHandle ?? "none";
