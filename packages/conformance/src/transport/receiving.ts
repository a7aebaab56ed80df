import assert from "node:assert/strict";
import type { Delivery, Transport } from "@agenthandoff/core";
import type { ContractPromise } from "../contract-promise.js";
import { bodies, openQueue, receiveTogether } from "./queue.js";

const MESSAGES = 50;
const RECEIVERS = 20;

export const receivingPromises: readonly ContractPromise<Transport>[] = [
  {
    id: "receive-max",
    title: "receive yields no more than max, and the rest later",
    async run(trial) {
      const queue = await openQueue(trial);
      for (let index = 0; index < 5; index++) await queue.send();
      const seen: string[] = [];
      while (seen.length < 5) {
        const deliveries = await queue.receive({ max: 2 });
        assert.ok(deliveries.length <= 2, `${deliveries.length} deliveries where at most 2 were asked for`);
        seen.push(...bodies(deliveries));
        for (const delivery of deliveries) await delivery.acknowledge();
      }
      assert.equal(new Set(seen).size, 5);
    },
  },
  {
    id: "receive-empty",
    title: "receive yields an empty array when nothing came within waitMs",
    async run(trial) {
      const address = await trial.queue();
      const options = { max: 10, visibilityMs: 1_000 };
      assert.deepEqual(await trial.port.receive(address, { ...options, waitMs: 0 }), []);
      const waitMs = trial.shortestVisibilityMs;
      assert.deepEqual(await trial.settled(trial.port.receive(address, { ...options, waitMs })), []);
    },
  },
  {
    id: "receive-waits",
    title: "receive waits for a first message, whichever handle sends it",
    async run(trial) {
      const queue = await openQueue(trial);
      const other = queue.through(await trial.another());
      for (const [index, sender] of [queue, other].entries()) {
        const waiting = trial.port.receive(queue.address, { max: 1, waitMs: 20_000, visibilityMs: queue.longMs });
        await sender.send({ body: `awaited ${index}` });
        const [delivery] = await trial.settled(waiting);
        assert.equal(delivery?.body, `awaited ${index}`);
        await delivery?.acknowledge();
      }
    },
  },
  {
    id: "receive-abort",
    title: "aborting its signal ends the wait of receive with an empty array, and no message is lost by it",
    async run(trial) {
      const queue = await openQueue(trial);
      const options = { max: 1, waitMs: 20_000, visibilityMs: queue.longMs };
      const controller = new AbortController();
      const waiting = trial.port.receive(queue.address, { ...options, signal: controller.signal });
      controller.abort(new Error("aborted while waiting"));
      assert.deepEqual(await waiting, []);
      await queue.send({ body: "kept" });
      assert.deepEqual(await trial.port.receive(queue.address, { ...options, signal: controller.signal }), []);
      const delivery = await queue.receiveOne("kept");
      assert.equal(delivery.receiveCount, 1);
    },
  },
  {
    id: "held-invisible",
    title: "a message that somebody holds is not delivered to anybody else before visibilityMs have passed",
    async run(trial) {
      const queue = await openQueue(trial);
      const other = queue.through(await trial.another());
      await queue.send();
      await queue.receiveOne();
      await queue.receivesNothing("a held message was delivered again");
      await queue.passAlmostLong();
      await other.receivesNothing("a held message was delivered through another handle");
    },
  },
  {
    id: "held-once",
    title: "of many concurrent receivers exactly one gets each message",
    async run(trial) {
      const queue = await openQueue(trial);
      for (let index = 0; index < MESSAGES; index++) await queue.send({ body: `message ${index}` });
      const seen: Delivery[] = [];
      await receiveTogether(trial, queue, { receivers: RECEIVERS, count: MESSAGES }, async (delivery) => {
        seen.push(delivery);
      });
      assert.equal(seen.length, MESSAGES);
      assert.equal(new Set(bodies(seen)).size, MESSAGES, "a message was delivered to two receivers");
    },
  },
  {
    id: "visibility-ends",
    title: "a message comes again once its visibility has run out",
    async run(trial) {
      const queue = await openQueue(trial);
      await queue.send({ body: "again" });
      await queue.receiveAndLoseSight();
      await queue.through(await trial.another()).receiveOne("again");
    },
  },
  {
    id: "count-grows",
    title: "the receive count is one more at each receipt",
    async run(trial) {
      const queue = await openQueue(trial);
      await queue.send();
      for (const count of [1, 2, 3, 4]) {
        const delivery = await queue.receiveOne();
        assert.equal(delivery.receiveCount, count);
        await delivery.release(0);
      }
    },
  },
  {
    id: "delivery-id",
    title: "a delivery's id is its message's id and its receive count, so no two receipts share one",
    async run(trial) {
      const queue = await openQueue(trial);
      await queue.send({ body: "one" });
      await queue.send({ body: "two" });
      const ids = new Set<string>();
      const messages = new Map<string, Set<string>>();
      for (let round = 0; round < 3; round++) {
        for (const delivery of await queue.receiveAll(2)) {
          const { id, body, receiveCount } = delivery;
          ids.add(id);
          assert.ok(id.endsWith(`.${receiveCount}`), `${id} does not end with .${receiveCount}`);
          const message = id.slice(0, id.lastIndexOf("."));
          messages.set(body, (messages.get(body) ?? new Set()).add(message));
          await delivery.release(0);
        }
      }
      assert.equal(ids.size, 6);
      for (const [body, names] of messages)
        assert.equal(names.size, 1, `${body} was delivered under several message ids`);
    },
  },
];
