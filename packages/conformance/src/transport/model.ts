import assert from "node:assert/strict";
import type { Delivery, Transport } from "@agenthandoff/core";
import { collect } from "../expect.js";
import type { Trial } from "../trial.js";
import type { Queue } from "./queue.js";

/** What the contract lets anybody know of one message. */
interface Known {
  readonly body: string;
  readonly groupId: string;
  receipts: number;
  state: "free" | "held" | "delayed" | "dead" | "gone";
  /** Who holds it, while it is held. */
  holder: Held | undefined;
  /** When a held or delayed message comes free by itself, on the model's clock. */
  freeAt: number;
}

interface Held {
  readonly known: Known;
  readonly delivery: Delivery;
}

/** Fewer receipts than any queue may take for too many; a message that has had them is acknowledged. */
const FEW_RECEIPTS = 4;

export interface QueueModel {
  send(group: number, deduplication: number): Promise<void>;
  receive(max: number): Promise<boolean>;
  /** Does something with the delivery that was received `pick`-th (modulo), stale or not. */
  settle(pick: number, action: "acknowledge" | "release" | "delay" | "extend" | "reject"): Promise<void>;
  redrive(): Promise<void>;
  /** Lets so much time pass that whatever is held or delayed comes free. */
  passLong(): Promise<void>;
  /** Requires that everything that was accepted and not settled still comes. */
  drain(): Promise<void>;
}

/**
 * A queue beside a simple model of it: each operation is done to the real one, and what comes of it must be
 * something that the contract allows. It does not foretell which group comes first.
 */
export function queueModel(trial: Trial<Transport>, queue: Queue): QueueModel {
  const messages: Known[] = [];
  const deliveries: Held[] = [];
  const accepted = new Map<number, number>();
  /** Groups that a redrive has brought out of order. */
  const unordered = new Set<string>();
  let now = 0;

  const waits = ({ state, freeAt }: Known): boolean => (state === "held" || state === "delayed") && freeAt > now;
  const alive = ({ state }: Known): boolean => state !== "dead" && state !== "gone";
  const holds = (held: Held): boolean => held.known.state === "held" && held.known.holder === held;
  const isWorn = ({ receipts }: Known): boolean =>
    receipts >= Math.min(FEW_RECEIPTS, (trial.maxReceiveCount ?? 10) - 1);

  /** Whether something must come: a group has a message, and none of its messages is held or delayed. */
  function somethingIsFree(): boolean {
    const waiting = new Set(messages.filter(waits).map(({ groupId }) => groupId));
    return messages.some((message) => alive(message) && !waiting.has(message.groupId));
  }

  function receivedAsAllowed(delivery: Delivery, batch: Set<Known>): void {
    const known = messages.find(({ body }) => body === delivery.body);
    assert.ok(known !== undefined, `${delivery.body} was never accepted`);
    assert.ok(alive(known), `${known.body} came although it is ${known.state}`);
    assert.ok(!waits(known), `${known.body} came although it is ${known.state}`);
    assert.equal(delivery.groupId, known.groupId, `the group of ${known.body}`);
    known.receipts++;
    assert.equal(delivery.receiveCount, known.receipts, `the receive count of ${known.body}`);
    if (!unordered.has(known.groupId)) {
      const ahead = messages
        .slice(0, messages.indexOf(known))
        .filter((other) => other.groupId === known.groupId && alive(other));
      for (const other of ahead) assert.ok(batch.has(other), `${known.body} came before ${other.body} of its group`);
    }
    batch.add(known);
    known.state = "held";
    known.freeAt = now + queue.longMs;
    known.holder = { known, delivery };
    deliveries.push(known.holder);
  }

  const model: QueueModel = {
    async send(group, deduplication) {
      const groupId = `group-${group}`;
      const body = `message ${messages.length}`;
      await queue.send({ body, groupId, deduplicationId: `id-${deduplication}` });
      const before = accepted.get(deduplication);
      if (before !== undefined && now - before < trial.port.deduplicationMs) return;
      accepted.set(deduplication, now);
      messages.push({ body, groupId, receipts: 0, state: "free", holder: undefined, freeAt: 0 });
    },
    async receive(max) {
      const free = somethingIsFree();
      const waitMs = free ? trial.patienceMs : 0;
      const received = await trial.port.receive(queue.address, { max, waitMs, visibilityMs: queue.longMs });
      assert.ok(received.length <= max, `${received.length} deliveries where at most ${max} were asked for`);
      const batch = new Set<Known>();
      for (const delivery of received) receivedAsAllowed(delivery, batch);
      assert.ok(received.length > 0 || !free, "nothing came although a message is free");
      return received.length > 0;
    },
    async settle(pick, chosen) {
      const held = deliveries[pick % Math.max(deliveries.length, 1)];
      if (held === undefined) return;
      const { known, delivery } = held;
      const action = isWorn(known) ? "acknowledge" : chosen;
      // A transport may or may not have taken the lease back already, so nobody can say what must come of this.
      if (holds(held) && !waits(known)) return;
      const expected = holds(held) ? "done" : "lease-lost";
      const asked = {
        acknowledge: () => delivery.acknowledge(),
        release: () => delivery.release(0),
        delay: () => delivery.release(queue.longMs),
        extend: () => delivery.extend(queue.longMs),
        reject: () => delivery.reject("rejected by the model"),
      }[action];
      assert.equal(await asked(), expected, `${action} of ${known.body}`);
      if (expected === "lease-lost") return;
      known.state = (
        { acknowledge: "gone", release: "free", delay: "delayed", extend: "held", reject: "dead" } as const
      )[action];
      known.freeAt = action === "release" ? now : now + queue.longMs;
    },
    async redrive() {
      const dead = messages.filter(({ state }) => state === "dead");
      await trial.eventually(async () => {
        const letters = await collect(trial.port.deadLetters(queue.address));
        assert.deepEqual(letters.map(({ body }) => body).sort(), dead.map(({ body }) => body).sort());
      });
      assert.equal(await trial.port.redrive(queue.address), dead.length);
      for (const known of dead) {
        unordered.add(known.groupId);
        known.state = "free";
        known.receipts = 0;
      }
    },
    async passLong() {
      for (const [pick, held] of deliveries.entries()) if (isWorn(held.known)) await model.settle(pick, "acknowledge");
      await trial.pass(queue.longMs);
      now += queue.longMs;
    },
    async drain() {
      if (trial.ownsTime) await model.passLong();
      while (somethingIsFree()) {
        const first = deliveries.length;
        assert.ok(await model.receive(10));
        for (let pick = first; pick < deliveries.length; pick++) await model.settle(pick, "acknowledge");
      }
    },
  };
  return model;
}
