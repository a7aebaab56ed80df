import assert from "node:assert/strict";
import type { Delivery, Transport } from "@agenthandoff/core";
import type { ContractPromise } from "../contract-promise.js";
import type { Trial } from "../trial.js";
import { openQueue } from "./queue.js";

/** What can be done with a delivery, by name. */
const actions = {
  acknowledge: (delivery: Delivery) => delivery.acknowledge(),
  extend: (delivery: Delivery) => delivery.extend(1_000),
  release: (delivery: Delivery) => delivery.release(0),
  reject: (delivery: Delivery) => delivery.reject("stale"),
} as const;

/** A delivery whose message has come to somebody else since may change nothing. */
function stale(name: keyof typeof actions): ContractPromise<Transport> {
  return {
    id: `stale-${name}`,
    title: `${name} of a delivery whose message was received again since answers lease-lost and changes nothing`,
    async run(trial) {
      const queue = await openQueue(trial);
      await queue.send();
      const old = await queue.receiveAndLoseSight();
      const holder = await queue.through(await trial.another()).receiveOne();
      assert.equal(await actions[name](old), "lease-lost");
      await queue.receivesNothing(`${name} of a stale delivery took the message from its holder`);
      assert.equal(await holder.acknowledge(), "done");
    },
  };
}

/** Whoever has settled a delivery has nothing left to change. */
function settled(name: "acknowledge" | "release" | "reject"): ContractPromise<Transport> {
  return {
    id: `settled-${name}`,
    title: `after ${name} a delivery holds nothing: whatever is asked of it answers lease-lost`,
    async run(trial) {
      const queue = await openQueue(trial);
      await queue.send();
      const delivery = await queue.receiveOne();
      assert.equal(await actions[name](delivery), "done");
      for (const action of Object.values(actions)) assert.equal(await action(delivery), "lease-lost");
    },
  };
}

async function isGone(trial: Trial<Transport>, finish: (delivery: Delivery) => Promise<unknown>): Promise<void> {
  const queue = await openQueue(trial);
  await queue.send();
  const delivery = await queue.receiveOne(undefined, { visibilityMs: trial.shortestVisibilityMs });
  assert.equal(await finish(delivery), "done");
  await queue.passAlmostLong();
  await queue.receivesNothing("the message came again");
}

export const leasePromises: readonly ContractPromise<Transport>[] = [
  {
    id: "acknowledge-removes",
    title: "acknowledge removes the message for good",
    run: (trial) => isGone(trial, (delivery) => delivery.acknowledge()),
  },
  {
    id: "extend-keeps",
    title: "extend keeps the message invisible for the given time",
    async run(trial) {
      const queue = await openQueue(trial);
      await queue.send();
      const delivery = await queue.receiveOne(undefined, { visibilityMs: trial.shortestVisibilityMs });
      assert.equal(await delivery.extend(queue.longMs), "done");
      await queue.passAlmostLong();
      await queue.receivesNothing("an extended message was delivered");
      assert.equal(await delivery.acknowledge(), "done");
    },
  },
  {
    id: "extend-from-now",
    title: "extend counts from now: a shorter time brings the message back sooner",
    async run(trial) {
      const queue = await openQueue(trial);
      await queue.send({ body: "sooner" });
      const delivery = await queue.receiveOne();
      assert.equal(await delivery.extend(trial.shortestVisibilityMs), "done");
      await trial.pass(trial.shortestVisibilityMs);
      await queue.receiveOne("sooner");
    },
  },
  {
    id: "release-returns",
    title: "release without a delay gives the message back at once, to any handle",
    async run(trial) {
      const queue = await openQueue(trial);
      const other = queue.through(await trial.another());
      await queue.send({ body: "back" });
      assert.equal(await (await queue.receiveOne("back")).release(0), "done");
      await other.receiveOne("back");
    },
  },
  {
    id: "release-delays",
    title: "release with a delay keeps the message away until the delay has passed, and no longer",
    async run(trial) {
      const later = await openQueue(trial);
      await later.send({ body: "later" });
      await (await later.receiveOne("later")).release(later.longMs);
      await later.passAlmostLong();
      await later.receivesNothing("a message was delivered before its delay had passed");
      const soon = await openQueue(trial);
      await soon.send({ body: "soon" });
      await (await soon.receiveOne("soon")).release(trial.shortestVisibilityMs);
      await trial.pass(trial.shortestVisibilityMs);
      await soon.receiveOne("soon");
    },
  },
  {
    id: "release-wakes",
    title: "a waiting receive gets a message whose visibility or delay runs out meanwhile",
    async run(trial) {
      const queue = await openQueue(trial);
      await queue.send({ body: "awaited" });
      const first = await queue.receiveOne("awaited");
      const waiting = trial.port.receive(queue.address, { max: 1, waitMs: 20_000, visibilityMs: queue.longMs });
      await first.release(trial.shortestVisibilityMs);
      const [again] = await trial.settled(waiting);
      assert.equal(again?.body, "awaited");
    },
  },
  stale("acknowledge"),
  stale("extend"),
  stale("release"),
  stale("reject"),
  settled("acknowledge"),
  settled("release"),
  settled("reject"),
];
