import { ChangeMessageVisibilityCommand, DeleteMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { type Fact, outcomeOf } from "./fact.js";
import { bodiesOf, handleOf, newQueue, receive, send } from "./sqs-support.js";

/** Order, groups, deduplication and receipts. */
export const SQS_ORDER_FACTS: readonly Fact<SQSClient>[] = [
  {
    id: "sqs-deduplication",
    promise:
      "a message with the deduplication id of one in the queue is accepted and dropped, under the first one's id",
    aws: "first, same id",
    observe: async (sqs) => {
      const queue = await newQueue(sqs);
      const first = await send(sqs, queue, "first", { MessageDeduplicationId: "d" });
      const second = await send(sqs, queue, "second", { MessageDeduplicationId: "d" });
      const received = bodiesOf(await receive(sqs, queue));
      return `${received}, ${first.MessageId === second.MessageId ? "same id" : "another id"}`;
    },
  },
  {
    id: "sqs-deduplication-after-deletion",
    promise: "a deduplication id outlives its message: for five minutes a repeat is accepted and dropped",
    aws: "ok, nothing",
    observe: async (sqs) => {
      const queue = await newQueue(sqs);
      await send(sqs, queue, "first", { MessageDeduplicationId: "d" });
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: handleOf(await receive(sqs, queue)) }));
      const again = await outcomeOf(send(sqs, queue, "second", { MessageDeduplicationId: "d" }));
      return `${again}, ${bodiesOf(await receive(sqs, queue))}`;
    },
  },
  {
    id: "sqs-deduplication-of-the-queue",
    promise: "a deduplication id counts for the whole queue, whatever the group",
    aws: "first",
    observe: async (sqs) => {
      const queue = await newQueue(sqs);
      await send(sqs, queue, "first", { MessageDeduplicationId: "d", MessageGroupId: "a" });
      await send(sqs, queue, "second", { MessageDeduplicationId: "d", MessageGroupId: "b" });
      return bodiesOf(await receive(sqs, queue));
    },
  },
  {
    id: "sqs-batch-of-a-group",
    promise: "one receive returns several messages of a group, in order",
    aws: "1 2 3",
    observe: async (sqs) => {
      const queue = await newQueue(sqs);
      for (const body of ["1", "2", "3"]) await send(sqs, queue, body);
      return bodiesOf(await receive(sqs, queue));
    },
  },
  {
    id: "sqs-group-lock",
    promise: "while a message of a group is in flight no other of that group is received; other groups are",
    aws: "a1, then b1, then nothing",
    observe: async (sqs) => {
      const queue = await newQueue(sqs);
      await send(sqs, queue, "a1", { MessageGroupId: "a" });
      const first = bodiesOf(await receive(sqs, queue));
      await send(sqs, queue, "a2", { MessageGroupId: "a" });
      await send(sqs, queue, "b1", { MessageGroupId: "b" });
      const second = bodiesOf(await receive(sqs, queue));
      return `${first}, then ${second}, then ${bodiesOf(await receive(sqs, queue))}`;
    },
  },
  {
    id: "sqs-group-unlocks-at-deletion",
    promise: "the next message of a group is received once those before it are deleted",
    aws: "2",
    observe: async (sqs) => {
      const queue = await newQueue(sqs);
      await send(sqs, queue, "1");
      const first = await receive(sqs, queue);
      await send(sqs, queue, "2");
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: handleOf(first) }));
      return bodiesOf(await receive(sqs, queue));
    },
  },
  {
    id: "sqs-release",
    promise: "a message whose visibility is set to 0 comes again, before the later ones of its group, and is counted",
    aws: "1 (2) 2 (1)",
    observe: async (sqs) => {
      const queue = await newQueue(sqs);
      await send(sqs, queue, "1");
      const first = await receive(sqs, queue);
      await send(sqs, queue, "2");
      await sqs.send(
        new ChangeMessageVisibilityCommand({ QueueUrl: queue, ReceiptHandle: handleOf(first), VisibilityTimeout: 0 }),
      );
      const again = await receive(sqs, queue);
      return again.map(({ Body, Attributes }) => `${Body} (${Attributes?.ApproximateReceiveCount})`).join(" ");
    },
  },
  {
    id: "sqs-expired-receipt",
    promise: "the receipt of a message that has been received again deletes nothing and is refused",
    aws: "400 InvalidParameterValue, 1 left",
    observe: async (sqs) => {
      const queue = await newQueue(sqs, { VisibilityTimeout: "0" });
      await send(sqs, queue, "1");
      const first = await receive(sqs, queue);
      await receive(sqs, queue);
      const outcome = await outcomeOf(
        sqs.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: handleOf(first) })),
      );
      return `${outcome}, ${(await receive(sqs, queue)).length} left`;
    },
  },
  {
    id: "sqs-extend-after-deletion",
    promise: "the visibility of a message that has been deleted cannot be changed",
    aws: "400 InvalidParameterValue",
    observe: async (sqs) => {
      const queue = await newQueue(sqs);
      await send(sqs, queue, "1");
      const receipt = { QueueUrl: queue, ReceiptHandle: handleOf(await receive(sqs, queue)) };
      await sqs.send(new DeleteMessageCommand(receipt));
      return outcomeOf(sqs.send(new ChangeMessageVisibilityCommand({ ...receipt, VisibilityTimeout: 30 })));
    },
  },
  {
    id: "sqs-extend-in-time",
    promise: "a visibility over 12 hours is refused",
    aws: "400 InvalidParameterValue",
    observe: async (sqs) => {
      const queue = await newQueue(sqs);
      await send(sqs, queue, "1");
      const receipt = { QueueUrl: queue, ReceiptHandle: handleOf(await receive(sqs, queue)) };
      return outcomeOf(sqs.send(new ChangeMessageVisibilityCommand({ ...receipt, VisibilityTimeout: 43_201 })));
    },
  },
  {
    id: "sqs-receive-is-atomic",
    promise: "no message is given to two of several receivers",
    aws: "60 messages, 60 receipts",
    observe: async (sqs) => {
      const queue = await newQueue(sqs);
      const bodies = Array.from({ length: 60 }, (_, index) => `m${index}`);
      await Promise.all(bodies.map((body) => send(sqs, queue, body, { MessageGroupId: body })));
      const batches = await Promise.all(Array.from({ length: 24 }, () => receive(sqs, queue)));
      const received = batches.flat().map((message) => message.Body);
      return `${new Set(received).size} messages, ${received.length} receipts`;
    },
  },
  {
    id: "sqs-long-poll",
    promise: "a receive that waits is answered as soon as a message comes",
    aws: "late",
    observe: async (sqs) => {
      const queue = await newQueue(sqs);
      const waiting = receive(sqs, queue, 20);
      await send(sqs, queue, "late");
      return bodiesOf(await waiting);
    },
  },
];
