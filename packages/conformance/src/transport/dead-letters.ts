import assert from "node:assert/strict";
import type { DeadLetter, Transport } from "@agenthandoff/core";
import type { ContractPromise } from "../contract-promise.js";
import { collect } from "../expect.js";
import type { Trial } from "../trial.js";
import { bodies, openQueue, type Queue } from "./queue.js";

const MAX_REASON_CHARACTERS = 1_024;

/** The dead letters of a queue once there are `count`: a queue may need a moment to move a message. */
async function deadLetters(trial: Trial<Transport>, queue: Queue, count: number): Promise<DeadLetter[]> {
  let letters: DeadLetter[] = [];
  await trial.eventually(async () => {
    letters = await collect(trial.port.deadLetters(queue.address));
    assert.equal(letters.length, count, "the number of dead letters");
  });
  return letters;
}

/** A queue whose messages with these bodies have been rejected, in this order. */
async function queueOfDead(trial: Trial<Transport>, messages: readonly string[]): Promise<Queue> {
  const queue = await openQueue(trial);
  for (const body of messages) {
    await queue.send({ body, groupId: `group-of-${body}`, deduplicationId: body });
    assert.equal(await (await queue.receiveOne(body)).reject(`why ${body}`), "done");
  }
  return queue;
}

export const deadLetterPromises: readonly ContractPromise<Transport>[] = [
  {
    id: "reject-buries",
    title: "a rejected message is among the dead letters and is not delivered again",
    async run(trial) {
      const queue = await openQueue(trial);
      await queue.send({ body: "poison", groupId: "group" });
      const delivery = await queue.receiveOne("poison", { visibilityMs: trial.shortestVisibilityMs });
      assert.equal(await delivery.reject("it cannot be used"), "done");
      const [letter] = await deadLetters(trial, queue, 1);
      assert.equal(letter?.body, "poison");
      assert.equal(letter?.groupId, "group");
      await queue.passAlmostLong();
      await queue.receivesNothing("a rejected message was delivered");
    },
  },
  {
    id: "reject-reason",
    title: "a dead letter bears the text given to reject, or its first 1,024 characters",
    async run(trial) {
      const queue = await openQueue(trial);
      const reasons = [
        'refused: the agent "qa" is not in this relay (naïve – ✓)',
        "x".repeat(MAX_REASON_CHARACTERS),
        "y".repeat(5_000),
      ];
      for (const reason of reasons) {
        await queue.send();
        await (await queue.receiveOne()).reject(reason);
      }
      const letters = await deadLetters(trial, queue, reasons.length);
      const kept = reasons.map((reason) => reason.slice(0, MAX_REASON_CHARACTERS));
      assert.deepEqual(letters.map(({ reason }) => reason).sort(), kept.sort());
    },
  },
  {
    id: "dead-letters-order",
    title: "dead letters are listed oldest first",
    async run(trial) {
      const queue = await queueOfDead(trial, ["3", "1", "2"]);
      assert.deepEqual(bodies(await deadLetters(trial, queue, 3)), ["3", "1", "2"]);
    },
  },
  {
    id: "dead-letters-stay",
    title: "listing dead letters takes none of them, and every handle sees them",
    async run(trial) {
      const queue = await queueOfDead(trial, ["1", "2"]);
      const letters = await deadLetters(trial, queue, 2);
      assert.deepEqual(await collect(trial.port.deadLetters(queue.address)), letters);
      assert.deepEqual(await collect((await trial.another()).deadLetters(queue.address)), letters);
    },
  },
  {
    id: "dead-letters-apart",
    title: "a queue lists and redrives its own dead letters only",
    async run(trial) {
      const queue = await queueOfDead(trial, ["mine"]);
      const neighbour = await openQueue(trial, { relayId: queue.address.relayId, agent: trial.unique("other") });
      assert.deepEqual(await collect(trial.port.deadLetters(neighbour.address)), []);
      assert.equal(await trial.port.redrive(neighbour.address), 0);
      await deadLetters(trial, queue, 1);
    },
  },
  {
    id: "received-too-often",
    title:
      "a message received as often as the queue allows goes to the dead letters, with that as the reason, and its group flows",
    optional: true,
    async run(trial) {
      const { maxReceiveCount } = trial;
      assert.ok(maxReceiveCount !== undefined, "give `maxReceiveCount`, or declare in `unsupported` why there is none");
      const queue = await openQueue(trial);
      await queue.send({ body: "poison", groupId: "group" });
      await queue.send({ body: "behind", groupId: "group" });
      for (let count = 1; count <= maxReceiveCount; count++) {
        const [delivery] = await queue.receive({ max: 1 });
        assert.equal(delivery?.body, "poison");
        await delivery?.release(0);
      }
      await queue.receiveOne("behind");
      const [letter] = await deadLetters(trial, queue, 1);
      assert.equal(letter?.body, "poison");
      assert.ok((letter?.reason ?? "").length > 0, "the dead letter bears no reason");
    },
  },
  {
    id: "redrive-all",
    title: "redrive moves every dead message back and says how many",
    async run(trial) {
      const queue = await queueOfDead(trial, ["1", "2", "3"]);
      await deadLetters(trial, queue, 3);
      assert.equal(await trial.port.redrive(queue.address), 3);
      const deliveries = await queue.receiveAll(3);
      assert.deepEqual(bodies(deliveries).sort(), ["1", "2", "3"]);
      for (const { body, groupId } of deliveries) assert.equal(groupId, `group-of-${body}`);
      await deadLetters(trial, queue, 0);
      assert.equal(await trial.port.redrive(queue.address), 0);
    },
  },
  {
    id: "redrive-chosen",
    title: "redrive with ids moves those back and leaves the others",
    async run(trial) {
      const queue = await queueOfDead(trial, ["1", "2", "3"]);
      const letters = await deadLetters(trial, queue, 3);
      const ids = letters.filter(({ body }) => body !== "2").map(({ id }) => id);
      assert.equal(await trial.port.redrive(queue.address, { ids: [...ids, "nobody-has-this-id"] }), 2);
      assert.deepEqual(bodies(await queue.receiveAll(2)).sort(), ["1", "3"]);
      assert.deepEqual(bodies(await deadLetters(trial, queue, 1)), ["2"]);
      assert.equal(await trial.port.redrive(queue.address, { ids: [] }), 0);
    },
  },
  {
    id: "redrive-fresh-count",
    title: "a redriven message begins with a fresh receive count, under a delivery id that was never used",
    async run(trial) {
      const queue = await openQueue(trial);
      await queue.send();
      const first = await queue.receiveOne();
      await first.release(0);
      const second = await queue.receiveOne();
      await second.reject("once");
      await deadLetters(trial, queue, 1);
      await trial.port.redrive(queue.address);
      const redriven = await queue.receiveOne();
      assert.equal(redriven.receiveCount, 1);
      assert.ok(![first.id, second.id].includes(redriven.id), `the delivery id ${redriven.id} came twice`);
      await second.acknowledge();
      assert.equal(await redriven.acknowledge(), "done");
    },
  },
  {
    id: "redrive-past-deduplication",
    title: "redrive is past any deduplication: a message rejected within the window is delivered again, twice over",
    async run(trial) {
      const queue = await queueOfDead(trial, ["repeated"]);
      for (let round = 0; round < 2; round++) {
        await deadLetters(trial, queue, 1);
        assert.equal(await trial.port.redrive(queue.address), 1);
        await (await queue.receiveOne("repeated")).reject("again");
      }
    },
  },
];
