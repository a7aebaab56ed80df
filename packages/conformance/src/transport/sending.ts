import assert from "node:assert/strict";
import type { Transport } from "@agenthandoff/core";
import type { ContractPromise } from "../contract-promise.js";
import { abortedSignal, collect, rejectsBecause, rejectsWith } from "../expect.js";
import { openQueue } from "./queue.js";

const PRINTABLE = Array.from({ length: 0x7f - 0x20 }, (_, index) => String.fromCharCode(0x20 + index)).join("");
const LONGEST_ID = 128;

export const sendingPromises: readonly ContractPromise<Transport>[] = [
  {
    id: "send-delivers",
    title: "a message arrives as it was sent, its first receipt counted 1",
    async run(trial) {
      const queue = await openQueue(trial);
      const groupId = "g".repeat(LONGEST_ID);
      await queue.send({
        body: PRINTABLE,
        groupId,
        deduplicationId: "d".repeat(LONGEST_ID),
        traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
      });
      const delivery = await queue.receiveOne(PRINTABLE);
      assert.equal(delivery.groupId, groupId);
      assert.equal(delivery.receiveCount, 1);
    },
  },
  {
    id: "send-other-handle",
    title: "a message sent through one handle is received through another",
    async run(trial) {
      const queue = await openQueue(trial);
      const other = queue.through(await trial.another());
      await queue.send({ body: "there" });
      await (await other.receiveOne("there")).acknowledge();
      await other.send({ body: "and back" });
      await queue.receiveOne("and back");
    },
  },
  {
    id: "send-limit",
    title:
      "a body of maxMessageBytes is taken, a larger one rejects with ContextTooLargeError and leaves nothing behind",
    async run(trial) {
      const queue = await openQueue(trial);
      const { maxMessageBytes } = trial.port;
      await rejectsWith("CONTEXT_TOO_LARGE", () =>
        queue.send({ body: "x".repeat(maxMessageBytes + 1), deduplicationId: "large" }),
      );
      await queue.receivesNothing("a message that was refused is delivered");
      const largest = "y".repeat(maxMessageBytes);
      await queue.send({ body: largest, deduplicationId: "large" });
      const delivery = await queue.receiveOne();
      assert.ok(delivery.body === largest, "the largest body arrives changed");
    },
  },
  {
    id: "queues-apart",
    title: "queues do not mix, however alike their relays and agents are called",
    async run(trial) {
      const relay = trial.unique("r");
      const addresses = [
        { relayId: relay, agent: "a-b" },
        { relayId: `${relay}-a`, agent: "b" },
        { relayId: relay, agent: "a" },
        { relayId: relay, agent: "b" },
      ];
      const queues = await Promise.all(addresses.map((address) => openQueue(trial, address)));
      for (const [index, queue] of queues.entries())
        await queue.send({ body: `for queue ${index}`, groupId: "one", deduplicationId: "one" });
      for (const [index, queue] of queues.entries()) await queue.receiveOne(`for queue ${index}`);
    },
  },
  {
    id: "deduplication-drops",
    title: "a message whose deduplication id was accepted before is dropped silently, even with another body or group",
    async run(trial) {
      const queue = await openQueue(trial);
      const other = queue.through(await trial.another());
      await queue.send({ body: "first", groupId: "one", deduplicationId: "same" });
      await queue.send({ body: "second", groupId: "two", deduplicationId: "same" });
      await other.send({ body: "third", groupId: "three", deduplicationId: "same" });
      await queue.receiveOne("first");
      await queue.receivesNothing("a repeated deduplication id was delivered");
    },
  },
  {
    id: "deduplication-outlives-acknowledgement",
    title: "a repeated deduplication id is dropped even when the first message has been acknowledged",
    async run(trial) {
      const queue = await openQueue(trial);
      await queue.send({ body: "first", deduplicationId: "same" });
      assert.equal(await (await queue.receiveOne("first")).acknowledge(), "done");
      await queue.send({ body: "second", deduplicationId: "same" });
      await queue.receivesNothing("the deduplication id was forgotten with its message");
    },
  },
  {
    id: "deduplication-concurrent",
    title: "of many concurrent sends with one deduplication id exactly one is delivered",
    async run(trial) {
      const queue = await openQueue(trial);
      const handles = [queue, queue.through(await trial.another())];
      const sends = Array.from({ length: 20 }, (_, index) =>
        handles[index % 2]?.send({ groupId: `group-${index}`, deduplicationId: "same" }),
      );
      await Promise.all(sends);
      await queue.receiveOne();
      await queue.receivesNothing("a repeated deduplication id was delivered");
    },
  },
  {
    id: "deduplication-ends",
    title: "a deduplication id is accepted again once deduplicationMs have passed since it was accepted",
    optional: true,
    async run(trial) {
      assert.ok(
        trial.ownsTime,
        "give the fixture `advance`, or declare in `unsupported` why time cannot be made to pass",
      );
      const queue = await openQueue(trial);
      await queue.send({ body: "first", deduplicationId: "same" });
      await (await queue.receiveOne("first")).acknowledge();
      // What is dropped is not accepted, so it does not begin the time anew.
      await trial.pass(trial.port.deduplicationMs - 1);
      await queue.send({ body: "dropped", deduplicationId: "same" });
      await queue.receivesNothing("the deduplication id was forgotten too early");
      await trial.pass(1);
      await queue.send({ body: "second", deduplicationId: "same" });
      await queue.receiveOne("second");
    },
  },
  {
    id: "transport-signal",
    title: "a call whose signal is aborted rejects with the signal's reason",
    async run(trial) {
      const { port } = trial;
      const address = await trial.queue();
      const { signal, reason } = abortedSignal();
      const message = { body: "body", groupId: "group", deduplicationId: "id" };
      await rejectsBecause(reason, () => port.send(address, message, { signal }));
      await rejectsBecause(reason, () => collect(port.deadLetters(address, { signal })));
      await rejectsBecause(reason, () => port.redrive(address, { signal }));
    },
  },
  {
    id: "transport-failure",
    title: "a queue that fails rejects with a TransportError and is never taken for an empty one",
    optional: true,
    async run(trial) {
      const transport = await trial.broken();
      const address = await trial.queue();
      const message = { body: "body", groupId: "group", deduplicationId: "id" };
      await rejectsWith("TRANSPORT", () => transport.send(address, message));
      await rejectsWith("TRANSPORT", () => transport.receive(address, { max: 1, waitMs: 0, visibilityMs: 1_000 }));
      await rejectsWith("TRANSPORT", () => collect(transport.deadLetters(address)));
      await rejectsWith("TRANSPORT", () => transport.redrive(address));
    },
  },
];
