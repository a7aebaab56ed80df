import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import type { AuditLog, TaskRow } from "@agenthandoff/core";
import type { ContractPromise } from "../contract-promise.js";
import { collect } from "../expect.js";
import { at, eventId, hash, taskSample } from "./samples.js";

export const rowPromises: readonly ContractPromise<AuditLog>[] = [
  {
    id: "row-kept",
    title: "a row that comes with an event is the task's, every part of it",
    async run(trial) {
      const { port } = trial;
      for (const fields of [
        {},
        { status: "canceled", agent: null, headHop: 0, damaged: true },
      ] satisfies Partial<TaskRow>[]) {
        const { relayId, taskId, event, row } = taskSample(trial);
        await port.append(event(), { row: row(fields) });
        assert.deepEqual(await port.task(relayId, taskId), row(fields));
      }
    },
  },
  {
    id: "row-consistent",
    title: "a row is seen, in every handle, as soon as its append has resolved",
    async run(trial) {
      const handles = [trial.port, await trial.another()];
      const { relayId, taskId, event, row } = taskSample(trial);
      for (let hop = 0; hop < 20; hop++) {
        await handles[hop % 2]?.append(event({ id: eventId(hop), hop }), { row: row({ headHop: hop }) });
        for (const handle of handles) assert.equal((await handle.task(relayId, taskId))?.headHop, hop);
      }
    },
  },
  {
    id: "row-forward",
    title: "a row with a larger head hop replaces the one there",
    async run(trial) {
      const { port } = trial;
      const { relayId, taskId, event, row } = taskSample(trial);
      await port.append(event({ id: eventId(1) }), { row: row({ headHop: 9 }) });
      const next = row({ headHop: 10, status: "waiting", headSha256: hash("b"), agent: "qa", updatedAt: at(2) });
      await port.append(event({ id: eventId(2) }), { row: next });
      assert.deepEqual(await port.task(relayId, taskId), next);
    },
  },
  {
    id: "row-never-back",
    title: "a row with a smaller or equal head hop is ignored, and its event is kept all the same",
    async run(trial) {
      const { port } = trial;
      const { relayId, taskId, event, row } = taskSample(trial);
      const there = row({ headHop: 10 });
      await port.append(event({ id: eventId(10) }), { row: there });
      for (const headHop of [9, 10, 2]) {
        const late = row({ headHop, status: "failed", headSha256: hash("c"), updatedAt: at(headHop) });
        assert.equal(await port.append(event({ id: eventId(headHop, "late") }), { row: late }), "appended");
        assert.deepEqual(await port.task(relayId, taskId), there);
      }
      assert.equal((await collect(port.events(relayId, taskId))).length, 4);
    },
  },
  {
    id: "row-when-event-exists",
    title: "a row that comes with an event that exists still moves the task forward",
    async run(trial) {
      const { port } = trial;
      const { relayId, taskId, event, row } = taskSample(trial);
      await port.append(event());
      assert.equal(await port.append(event(), { row: row() }), "exists");
      assert.deepEqual(await port.task(relayId, taskId), row());
      assert.equal(await port.append(event(), { row: row({ headHop: 5 }) }), "exists");
      assert.equal((await port.task(relayId, taskId))?.headHop, 5);
    },
  },
  {
    id: "damaged-when-event-exists",
    title: "damaged that comes with an event that exists is set all the same",
    async run(trial) {
      const { port } = trial;
      const { relayId, taskId, event, row } = taskSample(trial);
      await port.append(event(), { row: row() });
      assert.equal(await port.append(event(), { damaged: true }), "exists");
      assert.deepEqual(await port.task(relayId, taskId), row({ damaged: true }));
    },
  },
  {
    id: "row-concurrent",
    title: "of many concurrent rows, through two handles, the one with the largest head hop stays",
    async run(trial) {
      const handles = [trial.port, await trial.another()];
      const { relayId, taskId, event, row } = taskSample(trial);
      const hops = Array.from({ length: 40 }, (_, index) => (index * 17) % 40);
      await Promise.all(
        hops.map((hop, index) =>
          handles[index % 2]?.append(event({ id: eventId(hop), hop }), {
            row: row({ headHop: hop, updatedAt: at(hop) }),
          }),
        ),
      );
      for (const handle of handles)
        assert.deepEqual(await handle.task(relayId, taskId), row({ headHop: 39, updatedAt: at(39) }));
      assert.equal((await collect(trial.port.events(relayId, taskId))).length, 40);
    },
  },
  {
    id: "row-with-event",
    title: "a row and its event appear in one transaction: nobody sees the row before the event",
    async run(trial) {
      const { port } = trial;
      const reader = await trial.another();
      const { relayId, taskId, event, row } = taskSample(trial);
      let writing = true;
      const written = (async () => {
        for (let hop = 0; hop < 40; hop++) {
          await port.append(event({ id: eventId(hop), hop }), { row: row({ headHop: hop }) });
          await turn();
        }
      })().finally(() => {
        writing = false;
      });
      while (writing) {
        const head = (await reader.task(relayId, taskId))?.headHop;
        if (head !== undefined) {
          const events = await collect(reader.events(relayId, taskId, { hop: head }));
          assert.equal(events.length, 1, `the row tells of hop ${head}, and its event is not there`);
        }
        await turn();
      }
      await written;
    },
  },
  {
    id: "damaged-flag",
    title: "damaged sets and clears that flag on the row that is there and changes nothing else of it",
    async run(trial) {
      const { port } = trial;
      const { relayId, taskId, event, row } = taskSample(trial);
      await port.append(event({ id: "1" }), { row: row() });
      await port.append(event({ id: "2" }), { damaged: true });
      assert.deepEqual(await port.task(relayId, taskId), row({ damaged: true }));
      await port.append(event({ id: "3" }), { damaged: false });
      assert.deepEqual(await port.task(relayId, taskId), row());
    },
  },
  {
    id: "damaged-after-row",
    title:
      "damaged goes on the row that is there after the change, whether the row that came with it was taken or ignored",
    async run(trial) {
      const { port } = trial;
      const { relayId, taskId, event, row } = taskSample(trial);
      await port.append(event({ id: "1" }), { row: row({ headHop: 5 }), damaged: true });
      assert.deepEqual(await port.task(relayId, taskId), row({ headHop: 5, damaged: true }));
      await port.append(event({ id: "2" }), { row: row({ headHop: 6 }), damaged: true });
      assert.deepEqual(await port.task(relayId, taskId), row({ headHop: 6, damaged: true }));
      await port.append(event({ id: "3" }), { row: row({ headHop: 4 }), damaged: false });
      assert.deepEqual(await port.task(relayId, taskId), row({ headHop: 6, damaged: false }));
    },
  },
  {
    id: "damaged-without-row",
    title: "damaged on a task without a row makes none, and the event is kept",
    async run(trial) {
      const { port } = trial;
      const { relayId, taskId, event } = taskSample(trial);
      assert.equal(await port.append(event(), { damaged: true }), "appended");
      assert.equal(await port.task(relayId, taskId), undefined);
      assert.deepEqual(await collect(port.tasks(relayId)), []);
    },
  },
];
