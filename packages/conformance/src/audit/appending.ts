import assert from "node:assert/strict";
import type { AuditEvent, AuditLog } from "@agenthandoff/core";
import type { ContractPromise } from "../contract-promise.js";
import { collect, rejectsWith } from "../expect.js";
import { at, eventId, taskSample } from "./samples.js";

const LONGEST_ID = 256;

const richDetail = {
  text: 'naïve – ✓ \u{1f600} " \\ \n \u0000',
  number: -1.5e-7,
  large: Number.MAX_SAFE_INTEGER,
  yes: true,
  nothing: null,
  list: [1, "two", [null, { three: 3 }]],
  nested: { a: { b: { c: {} } }, "": "empty name", "with space": [] },
};

export const appendingPromises: readonly ContractPromise<AuditLog>[] = [
  {
    id: "append-keeps",
    title: "an appended event is read as it was written, every part of it",
    async run(trial) {
      const { port } = trial;
      const { relayId, taskId, event } = taskSample(trial);
      const full = event({ id: `0.${"i".repeat(LONGEST_ID - 2)}`, hop: 7, agent: "code", detail: richDetail });
      const plain = event({ id: "1.plain", hop: 0, kind: "a_kind_nobody_knows" });
      assert.equal(await port.append(full), "appended");
      assert.equal(await port.append(plain), "appended");
      assert.deepEqual(await collect(port.events(relayId, taskId)), [full, plain]);
    },
  },
  {
    id: "append-once",
    title: "a second event with the same task and id changes nothing and resolves to exists",
    async run(trial) {
      const { port } = trial;
      const { relayId, taskId, event } = taskSample(trial);
      const first = event({ detail: { said: "first" } });
      assert.equal(await port.append(first), "appended");
      assert.equal(await port.append(first), "exists");
      const second = event({ detail: { said: "second" }, kind: "other", hop: 2, at: at(9), agent: "qa" });
      assert.equal(await (await trial.another()).append(second), "exists");
      assert.deepEqual(await collect(port.events(relayId, taskId)), [first]);
      assert.deepEqual(await collect(port.events(relayId, taskId, { hop: 2 })), []);
    },
  },
  {
    id: "append-once-concurrent",
    title: "of many concurrent appends of one event, through two handles, exactly one resolves to appended",
    async run(trial) {
      const handles = [trial.port, await trial.another()];
      const { relayId, taskId, event } = taskSample(trial);
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => handles[index % 2]?.append(event({ detail: { by: "anybody" } }))),
      );
      assert.equal(answers.filter((answer) => answer === "appended").length, 1);
      assert.equal(answers.filter((answer) => answer === "exists").length, 19);
      assert.equal((await collect(trial.port.events(relayId, taskId))).length, 1);
    },
  },
  {
    id: "append-apart",
    title: "the same id in another task or relay is another event, however alike they are called",
    async run(trial) {
      const { port } = trial;
      const first = taskSample(trial);
      const others = [
        taskSample(trial, { relayId: first.relayId, taskId: `${first.taskId}.0.1` }),
        taskSample(trial, { relayId: first.relayId, taskId: `${first.taskId}1` }),
        taskSample(trial, { relayId: `${first.relayId}1`, taskId: first.taskId }),
      ];
      for (const sample of [first, ...others])
        assert.equal(await port.append(sample.event(), { row: sample.row() }), "appended");
      for (const sample of [first, ...others]) {
        assert.deepEqual(await collect(port.events(sample.relayId, sample.taskId)), [sample.event()]);
        assert.deepEqual(await port.task(sample.relayId, sample.taskId), sample.row());
      }
    },
  },
  {
    id: "append-limit",
    title: "an event of maxEventBytes is taken, a larger one rejects with ContextTooLargeError and changes nothing",
    async run(trial) {
      const { port } = trial;
      const { relayId, taskId, event, row } = taskSample(trial);
      const fill = (text: string): AuditEvent => event({ detail: { text } });
      const room = port.maxEventBytes - Buffer.byteLength(JSON.stringify(fill("")));
      // Two bytes a character: the limit counts bytes.
      const largest = fill("é".repeat(Math.floor(room / 2)) + "x".repeat(room % 2));
      const tooLarge = fill("é".repeat(Math.floor(room / 2)) + "x".repeat((room % 2) + 1));
      await rejectsWith("CONTEXT_TOO_LARGE", () => port.append(tooLarge, { row: row() }));
      assert.deepEqual(await collect(port.events(relayId, taskId)), []);
      assert.equal(await port.task(relayId, taskId), undefined);
      assert.equal(await port.append(largest), "appended");
      assert.deepEqual(await collect(port.events(relayId, taskId)), [largest]);
    },
  },
  {
    id: "events-order",
    title: "events come ascending by id, in whatever order they were appended",
    async run(trial) {
      const { port } = trial;
      const { relayId, taskId, event } = taskSample(trial);
      const ids = [
        eventId(10),
        eventId(2),
        eventId(2, "attempt_started.x"),
        eventId(2, "Upper"),
        eventId(0),
        eventId(1_000_000),
        eventId(9, "z"),
      ];
      for (const [index, id] of ids.entries()) await port.append(event({ id, at: at(100 - index) }));
      assert.deepEqual(
        (await collect(port.events(relayId, taskId))).map(({ id }) => id),
        [...ids].sort((left, right) => (left < right ? -1 : 1)),
      );
    },
  },
  {
    id: "events-of-hop",
    title: "events of one hop are all of that hop's and no other's",
    async run(trial) {
      const { port } = trial;
      const { relayId, taskId, event } = taskSample(trial);
      for (const hop of [0, 1, 2, 10, 12]) {
        for (const kind of ["committed", "attempt_started.1"])
          await port.append(event({ id: eventId(hop, kind), hop, kind }));
      }
      for (const hop of [0, 1, 10]) {
        const events = await collect(port.events(relayId, taskId, { hop }));
        assert.deepEqual(
          new Set(events.map(({ id }) => id)),
          new Set([eventId(hop, "attempt_started.1"), eventId(hop)]),
        );
      }
      assert.deepEqual(await collect(port.events(relayId, taskId, { hop: 3 })), []);
    },
  },
  {
    id: "events-consistent",
    title: "every event whose append resolved before the call is there, in every handle",
    async run(trial) {
      const handles = [trial.port, await trial.another()];
      const { relayId, taskId, event } = taskSample(trial);
      for (let hop = 0; hop < 20; hop++) {
        await handles[hop % 2]?.append(event({ id: eventId(hop), hop }));
        for (const handle of handles) assert.equal((await collect(handle.events(relayId, taskId))).length, hop + 1);
        for (const handle of handles) assert.equal((await collect(handle.events(relayId, taskId, { hop }))).length, 1);
      }
    },
  },
  {
    id: "events-many",
    title: "events are all there however many and large they are",
    async run(trial) {
      const { port } = trial;
      const { relayId, taskId, event } = taskSample(trial);
      const text = "x".repeat(Math.min(6_000, Math.floor(port.maxEventBytes / 2)));
      const ids = Array.from({ length: 400 }, (_, hop) => eventId(hop));
      for (const [hop, id] of ids.entries()) await port.append(event({ id, hop, detail: { text } }));
      assert.deepEqual((await collect(port.events(relayId, taskId))).map(({ id }) => id).sort(), ids);
    },
  },
  {
    id: "events-none",
    title: "a task that nobody wrote of has no events and no row",
    async run(trial) {
      const { relayId, taskId } = taskSample(trial);
      assert.deepEqual(await collect(trial.port.events(relayId, taskId)), []);
      assert.equal(await trial.port.task(relayId, taskId), undefined);
    },
  },
];
