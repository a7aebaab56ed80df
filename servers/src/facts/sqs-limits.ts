import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { region, UNKNOWN } from "../credentials.js";
import { type Fact, outcomeOf, uniqueName } from "./fact.js";
import { arnOf, bodiesOf, newQueue, newQueueWithDeadLetters, newStandardQueue, receive, send } from "./sqs-support.js";

const MIB = 1_048_576;

const sizes: readonly Fact<SQSClient>[] = [
  {
    id: "sqs-largest-message",
    promise: "a queue made for messages of 1 MiB says so and takes one",
    aws: "1048576, ok",
    observe: async (sqs) => {
      const queue = await newQueue(sqs, { MaximumMessageSize: String(MIB) });
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ["All"] }),
      );
      const sent = await outcomeOf(send(sqs, queue, "x".repeat(MIB), { MessageDeduplicationId: "d" }));
      return `${Attributes?.MaximumMessageSize}, ${sent}`;
    },
  },
  {
    id: "sqs-message-too-long",
    promise: "a message over the queue's limit is refused",
    aws: "400 InvalidParameterValue",
    observe: async (sqs) => {
      const queue = await newQueue(sqs, { MaximumMessageSize: "1024" });
      return outcomeOf(send(sqs, queue, "x".repeat(1_025), { MessageDeduplicationId: "d" }));
    },
  },
  {
    id: "sqs-attributes-count-toward-size",
    promise: "attributes count toward the limit",
    aws: "400 InvalidParameterValue",
    observe: async (sqs) => {
      const queue = await newQueue(sqs, { MaximumMessageSize: "1024" });
      const MessageAttributes = { name: { DataType: "String", StringValue: "y".repeat(100) } };
      return outcomeOf(send(sqs, queue, "x".repeat(1_000), { MessageDeduplicationId: "d", MessageAttributes }));
    },
  },
  {
    id: "sqs-control-characters",
    promise: "most control characters are refused",
    aws: "400 InvalidMessageContents",
    observe: async (sqs) => outcomeOf(send(sqs, await newQueue(sqs), "\u0001", { MessageDeduplicationId: "d" })),
  },
  {
    id: "sqs-eleven-attributes",
    promise: "an eleventh attribute is refused",
    aws: "400 InvalidParameterValue",
    observe: async (sqs) => {
      const attribute = { DataType: "String", StringValue: "value" };
      const MessageAttributes = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`a${index}`, attribute]));
      return outcomeOf(send(sqs, await newQueue(sqs), "1", { MessageAttributes }));
    },
  },
  {
    id: "sqs-group-length",
    promise: "a group id of 128 characters is taken, a longer one refused",
    aws: "ok, 400 InvalidParameterValue",
    observe: async (sqs) => {
      const queue = await newQueue(sqs);
      const longest = await outcomeOf(send(sqs, queue, "1", { MessageGroupId: "g".repeat(128) }));
      return `${longest}, ${await outcomeOf(send(sqs, queue, "2", { MessageGroupId: "g".repeat(129) }))}`;
    },
  },
  {
    id: "sqs-group-wanted",
    promise: "a FIFO queue wants a group id",
    aws: "400 MissingParameter",
    observe: async (sqs) => outcomeOf(send(sqs, await newQueue(sqs), "1", { MessageGroupId: undefined })),
  },
  {
    id: "sqs-no-delay",
    promise: "a FIFO queue takes no delay for one message",
    aws: "400 InvalidParameterValue",
    observe: async (sqs) => outcomeOf(send(sqs, await newQueue(sqs), "1", { DelaySeconds: 5 })),
  },
  {
    id: "sqs-eleven-in-a-batch",
    promise: "a batch of eleven is refused, and a receive of eleven",
    aws: "400 TooManyEntriesInBatchRequest, 400 InvalidParameterValue",
    observe: async (sqs) => {
      const QueueUrl = await newQueue(sqs);
      const Entries = Array.from({ length: 11 }, (_, index) => ({
        Id: `e${index}`,
        MessageBody: "body",
        MessageGroupId: "group",
        MessageDeduplicationId: `d${index}`,
      }));
      const sent = await outcomeOf(sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries })));
      const received = await outcomeOf(sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 11 })));
      return `${sent}, ${received}`;
    },
  },
];

const queues: readonly Fact<SQSClient>[] = [
  {
    id: "sqs-missing-queue",
    promise: "a queue that does not exist is named as such",
    aws: "400 QueueDoesNotExist",
    observe: async (sqs) => outcomeOf(send(sqs, `${await newQueue(sqs)}`.replace(/[^/]+$/u, "none.fifo"), "1")),
  },
  {
    id: "sqs-fifo-attribute",
    promise: "a queue says whether it is FIFO",
    aws: "true, undefined",
    observe: async (sqs) => {
      const found = [];
      for (const QueueUrl of [await newQueue(sqs), await newStandardQueue(sqs)]) {
        const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
        found.push(String(Attributes?.FifoQueue));
      }
      return found.join(", ");
    },
  },
  {
    id: "sqs-fifo-wants-fifo-dead-letters",
    promise: "a FIFO queue with a standard dead-letter queue is refused",
    aws: "400 InvalidParameterValue",
    observe: async (sqs) => {
      const deadLetterTargetArn = await arnOf(sqs, await newStandardQueue(sqs));
      return outcomeOf(newQueue(sqs, { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 5 }) }));
    },
  },
  {
    id: "sqs-fifo-name",
    promise: "the name of a FIFO queue ends in .fifo",
    aws: "400 InvalidParameterValue",
    observe: async (sqs) =>
      outcomeOf(
        sqs.send(new CreateQueueCommand({ QueueName: uniqueName("facts"), Attributes: { FifoQueue: "true" } })),
      ),
  },
  {
    id: "sqs-credentials",
    promise: "a key that nobody has is refused",
    aws: "403 InvalidClientTokenId",
    observe: async (sqs) => {
      const endpoint = await sqs.config.endpoint?.();
      const stranger = new SQSClient({ ...(endpoint && { endpoint }), region, credentials: UNKNOWN });
      return outcomeOf(send(stranger, await newQueue(sqs), "1"));
    },
  },
  {
    id: "sqs-trace-header",
    promise: "AWSTraceHeader comes back",
    aws: "Root=1-5759e988-bd862e3fe1be46a994272793",
    observe: async (sqs) => {
      const queue = await newQueue(sqs);
      const StringValue = "Root=1-5759e988-bd862e3fe1be46a994272793";
      await send(sqs, queue, "1", {
        MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue } },
      });
      return String((await receive(sqs, queue))[0]?.Attributes?.AWSTraceHeader);
    },
  },
];

const deadLetters: readonly Fact<SQSClient>[] = [
  {
    id: "sqs-dead-letters",
    promise: "after maxReceiveCount receipts a message moves on, keeps its group and names where it comes from",
    aws: "nothing, 1 in group, from the queue",
    observe: async (sqs) => {
      const { queue, deadLetters: target } = await newQueueWithDeadLetters(sqs, 2);
      await send(sqs, queue, "1");
      await receive(sqs, queue);
      await receive(sqs, queue);
      const third = bodiesOf(await receive(sqs, queue));
      const dead = await receive(sqs, target);
      const { MessageGroupId, DeadLetterQueueSourceArn } = dead[0]?.Attributes ?? {};
      const from = DeadLetterQueueSourceArn === (await arnOf(sqs, queue)) ? "the queue" : DeadLetterQueueSourceArn;
      return `${third}, ${bodiesOf(dead)} in ${MessageGroupId}, from ${from}`;
    },
  },
  {
    id: "sqs-move-task",
    promise: "StartMessageMoveTask brings dead letters back, and is listed",
    aws: "COMPLETED, 1",
    observe: async (sqs) => {
      const { queue, deadLetters: target } = await newQueueWithDeadLetters(sqs, 1);
      await send(sqs, queue, "1");
      for (const _ of [1, 2, 3]) await receive(sqs, queue);
      const SourceArn = await arnOf(sqs, target);
      const started = await outcomeOf(sqs.send(new StartMessageMoveTaskCommand({ SourceArn })));
      if (started !== "ok") return started;
      // On AWS a task takes a moment; what is asked for here is how it ends.
      let status: string | undefined = "RUNNING";
      for (let poll = 0; poll < 100 && status === "RUNNING"; poll++) {
        const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn }));
        status = Results?.[0]?.Status;
      }
      return `${status}, ${bodiesOf(await receive(sqs, queue))}`;
    },
  },
];

export const SQS_LIMIT_FACTS: readonly Fact<SQSClient>[] = [...sizes, ...queues, ...deadLetters];
