import assert from "node:assert/strict";
import type { Backend } from "@agenthandoff/core";
import { taskSample } from "../audit/samples.js";
import type { ContractPromise } from "../contract-promise.js";
import { collect, rejectsWith, sameBytes } from "../expect.js";
import { text } from "../store/writes.js";
import type { Trial } from "../trial.js";

/** Longer than the patience of any test. */
const VERY_LONG_MS = 24 * 60 * 60 * 1_000;

/** Writes one thing of each kind through a backend; the function it gives requires that another handle has them all. */
async function writeOfEverything(trial: Trial<Backend>, backend: Backend): Promise<(reader: Backend) => Promise<void>> {
  const { relayId, taskId, event, row, intent } = taskSample(trial);
  const queue = await trial.queue({ relayId, agent: "code" });
  const key = `${backend.prefix ?? ""}${relayId}/slots/${taskId}/0000000000.ndjson.gz`;
  assert.equal(await backend.store.putIfAbsent(key, text("a segment")), "created");
  await backend.audit.intend(intent());
  await backend.audit.append(event(), { row: row() });
  await backend.transport.send(queue, { body: "an envelope", groupId: taskId, deduplicationId: "1" });
  await backend.flush?.();

  return async (reader) => {
    sameBytes(await reader.store.get(key), text("a segment"), "the segment");
    assert.deepEqual(await collect(reader.audit.events(relayId, taskId)), [event()]);
    assert.deepEqual(await reader.audit.task(relayId, taskId), row());
    await trial.eventually(async () => {
      assert.deepEqual(await collect(reader.audit.intents(relayId)), [intent()]);
    });
    const [delivery] = await reader.transport.receive(queue, {
      max: 1,
      waitMs: trial.patienceMs,
      visibilityMs: reader.visibilityMs,
    });
    assert.equal(delivery?.body, "an envelope");
    assert.equal(await delivery?.acknowledge(), "done");
  };
}

export const togetherPromises: readonly ContractPromise<Backend>[] = [
  {
    id: "backend-face",
    title:
      "a backend has a name, a prefix that is empty or ends with a slash, and a visibility that its transport can give",
    async run({ port }) {
      assert.ok(port.name.length > 0, "the name is empty");
      const prefix = port.prefix ?? "";
      assert.ok(prefix === "" || prefix.endsWith("/"), `the prefix ${prefix} does not end with a slash`);
      assert.ok(
        port.visibilityMs > 0 && port.visibilityMs <= port.transport.maxVisibilityMs,
        `a visibility of ${port.visibilityMs} ms`,
      );
    },
  },
  {
    id: "handles-share",
    title: "what one handle writes to store, queue and log another handle sees",
    async run(trial) {
      const other = await trial.another();
      await (await writeOfEverything(trial, trial.port))(other);
      await (await writeOfEverything(trial, other))(trial.port);
    },
  },
  {
    id: "flush-resolves",
    title: "flush, where a backend has it, resolves after writes, and with nothing to do",
    async run(trial) {
      await trial.port.flush?.();
      const isThere = await writeOfEverything(trial, trial.port);
      await Promise.all([trial.port.flush?.(), trial.port.flush?.()]);
      await isThere(trial.port);
    },
  },
  {
    id: "survives-close",
    title: "what was written is there when every handle has been closed and a new one is opened",
    optional: true,
    async run(trial) {
      const other = await trial.another();
      const isThere = await writeOfEverything(trial, trial.port);
      await trial.port.close();
      await other.close();
      await isThere(await trial.another());
    },
  },
  {
    id: "close-rejects",
    title: "after close every call rejects with the error of its part, deliveries' too",
    async run(trial) {
      const { port } = trial;
      const { relayId, taskId, event } = taskSample(trial);
      const queue = await trial.queue({ relayId, agent: "code" });
      const message = { body: "body", groupId: "group", deduplicationId: "1" };
      await port.transport.send(queue, message);
      const [delivery] = await port.transport.receive(queue, { max: 1, waitMs: trial.patienceMs, visibilityMs: 1_000 });
      assert.ok(delivery !== undefined, "no message came");
      await port.close();
      await rejectsWith("STORE", () => port.store.get("key"));
      await rejectsWith("STORE", () => port.store.putIfAbsent("key", text("bytes")));
      await rejectsWith("STORE", () => port.store.overwrite("key", text("bytes")));
      await rejectsWith("STORE", () => port.store.delete("key"));
      await rejectsWith("STORE", () => collect(port.store.list("key")));
      await rejectsWith("TRANSPORT", () => port.transport.send(queue, message));
      await rejectsWith("TRANSPORT", () => port.transport.receive(queue, { max: 1, waitMs: 0, visibilityMs: 1_000 }));
      await rejectsWith("TRANSPORT", () => collect(port.transport.deadLetters(queue)));
      await rejectsWith("TRANSPORT", () => port.transport.redrive(queue));
      await rejectsWith("TRANSPORT", () => delivery.acknowledge());
      await rejectsWith("TRANSPORT", () => delivery.extend(1_000));
      await rejectsWith("AUDIT", () => port.audit.append(event()));
      await rejectsWith("AUDIT", () => port.audit.task(relayId, taskId));
      await rejectsWith("AUDIT", () => collect(port.audit.events(relayId, taskId)));
      await rejectsWith("AUDIT", () => collect(port.audit.tasks(relayId)));
    },
  },
  {
    id: "close-ends-wait",
    title: "close ends a receive that waits",
    async run(trial) {
      const { port } = trial;
      const waiting = port.transport.receive(await trial.queue(), {
        max: 1,
        waitMs: VERY_LONG_MS,
        visibilityMs: 1_000,
      });
      const ended = waiting.then(
        (deliveries) => deliveries.length,
        () => 0,
      );
      await trial.settled(port.close());
      assert.equal(await trial.settled(ended), 0);
    },
  },
  {
    id: "close-alone",
    title: "closing one handle leaves the others at work, and closing it again changes nothing",
    async run(trial) {
      const other = await trial.another();
      const isThere = await writeOfEverything(trial, trial.port);
      await trial.port.close();
      await trial.port.close();
      await isThere(other);
      await (await writeOfEverything(trial, other))(other);
    },
  },
];
