import assert from "node:assert/strict";
import type { Transport } from "@agenthandoff/core";
import type { ContractPromise } from "../contract-promise.js";
import { bodies, openQueue, type Queue, receiveTogether } from "./queue.js";

const NUMBERS = Array.from({ length: 12 }, (_, index) => String(index));

async function sendInOrder(queue: Queue, groupId: string, messages: readonly string[]): Promise<void> {
  for (const body of messages) await queue.send({ body, groupId });
}

export const groupPromises: readonly ContractPromise<Transport>[] = [
  {
    id: "group-order",
    title: "the messages of one group come in the order of their acceptance",
    async run(trial) {
      const queue = await openQueue(trial);
      await sendInOrder(queue, "group", NUMBERS);
      const seen: string[] = [];
      while (seen.length < NUMBERS.length) {
        const deliveries = await queue.receive({ max: seen.length % 3 === 0 ? 1 : 4 });
        seen.push(...bodies(deliveries));
        for (const delivery of deliveries) await delivery.acknowledge();
      }
      assert.deepEqual(seen, NUMBERS);
    },
  },
  {
    id: "group-order-kept",
    title: "a message that comes again, released or run out, still comes before those behind it",
    async run(trial) {
      const queue = await openQueue(trial);
      await sendInOrder(queue, "group", ["1", "2"]);
      const [first] = await queue.receive({ max: 1 });
      assert.equal(first?.body, "1");
      await first?.release(0);
      const [again] = await queue.receive({ max: 1, visibilityMs: trial.shortestVisibilityMs });
      assert.equal(again?.body, "1");
      await trial.pass(trial.shortestVisibilityMs);
      const [oncemore] = await queue.receive({ max: 1 });
      assert.equal(oncemore?.body, "1");
      await oncemore?.acknowledge();
      await queue.receiveOne("2");
    },
  },
  {
    id: "group-held",
    title: "while one message of a group is held, none behind it is delivered to anybody",
    async run(trial) {
      const queue = await openQueue(trial);
      const other = queue.through(await trial.another());
      await sendInOrder(queue, "group", ["1", "2", "3"]);
      const [first] = await queue.receive({ max: 1 });
      assert.equal(first?.body, "1");
      await queue.receivesNothing("a message behind a held one was delivered");
      await other.receivesNothing("a message behind a held one was delivered through another handle");
    },
  },
  {
    id: "group-delayed",
    title: "while one message of a group is released with a delay, none behind it is delivered to anybody",
    async run(trial) {
      const queue = await openQueue(trial);
      await sendInOrder(queue, "group", ["1", "2"]);
      const [first] = await queue.receive({ max: 1 });
      await first?.release(queue.longMs);
      await queue.receivesNothing("a message behind a delayed one was delivered");
    },
  },
  {
    id: "group-flows",
    title: "once a message is acknowledged or rejected, the one behind it is delivered",
    async run(trial) {
      const queue = await openQueue(trial);
      await sendInOrder(queue, "group", ["1", "2", "3"]);
      const [first] = await queue.receive({ max: 1 });
      await first?.acknowledge();
      const [second] = await queue.receive({ max: 1 });
      assert.equal(second?.body, "2");
      await second?.reject("nobody can use it");
      await queue.receiveOne("3");
    },
  },
  {
    id: "groups-independent",
    title: "a group does not wait for another one's held message",
    async run(trial) {
      const queue = await openQueue(trial);
      await sendInOrder(queue, "held", ["held 1", "held 2"]);
      const [held] = await queue.receive({ max: 1 });
      assert.equal(held?.body, "held 1");
      await queue.send({ body: "free", groupId: "free" });
      assert.ok(bodies(await queue.receive()).includes("free"), "the other group's message did not come");
    },
  },
  {
    id: "groups-independent-delayed",
    title: "a group does not wait for another one's delayed message",
    async run(trial) {
      const queue = await openQueue(trial);
      await sendInOrder(queue, "delayed", ["delayed 1", "delayed 2"]);
      const [delayed] = await queue.receive({ max: 1 });
      await delayed?.release(queue.longMs);
      await queue.send({ body: "free", groupId: "free" });
      assert.ok(bodies(await queue.receive()).includes("free"), "the other group's message did not come");
    },
  },
  {
    id: "groups-concurrent",
    title: "many receivers at once see each group's messages one by one and in order",
    async run(trial) {
      const queue = await openQueue(trial);
      const groups = ["a", "b", "c", "d", "e"];
      for (const number of NUMBERS)
        for (const groupId of groups) await queue.send({ body: `${groupId} ${number}`, groupId });
      const total = groups.length * NUMBERS.length;
      const seen = new Map<string, string[]>();
      await receiveTogether(trial, queue, { receivers: 8, count: total }, async (delivery) => {
        seen.set(delivery.groupId, [...(seen.get(delivery.groupId) ?? []), delivery.body]);
        assert.equal(await delivery.acknowledge(), "done");
      });
      for (const groupId of groups) {
        const expected = NUMBERS.map((number) => `${groupId} ${number}`);
        assert.deepEqual(seen.get(groupId), expected, `group ${groupId}`);
      }
    },
  },
];
