import assert from "node:assert/strict";
import type { AuditLog, TaskQuery, TaskRow, TaskStatus } from "@agenthandoff/core";
import fc from "fast-check";
import type { ContractPromise } from "../contract-promise.js";
import { abortedSignal, collect, forEachAtOnce, rejectsBecause, rejectsWith } from "../expect.js";
import { at, eventId, taskSample } from "./samples.js";

const MANY_TASKS = 300;
const STATUSES: readonly TaskStatus[] = ["running", "waiting", "failed", "completed", "canceled", "erased"];

const status = fc.constantFrom(...STATUSES);
const rowFields = fc.record({ status, damaged: fc.boolean(), updatedAt: fc.nat(6).map(at) });
const query: fc.Arbitrary<TaskQuery> = fc.record(
  { status, damaged: fc.boolean(), updatedBefore: fc.nat(6).map(at) },
  { requiredKeys: [] },
);

function matches(row: TaskRow, asked: TaskQuery): boolean {
  if (asked.status !== undefined && asked.status !== row.status) return false;
  if (asked.damaged !== undefined && asked.damaged !== row.damaged) return false;
  return asked.updatedBefore === undefined || Date.parse(row.updatedAt) <= Date.parse(asked.updatedBefore);
}

const byTask = (left: TaskRow, right: TaskRow): number => (left.taskId < right.taskId ? -1 : 1);

export const listingPromises: readonly ContractPromise<AuditLog>[] = [
  {
    id: "tasks-match",
    title: "tasks yields the rows that match every given condition, each once, and none of another relay",
    async run(trial) {
      const { port } = trial;
      await fc.assert(
        fc.asyncProperty(
          fc.array(rowFields, { minLength: 1, maxLength: 8 }),
          fc.array(query, { minLength: 1, maxLength: 5 }),
          async (fields, queries) => {
            const relayId = trial.unique("relay");
            const samples = fields.map(() => taskSample(trial, { relayId }));
            const rows = samples.map((sample, index) => sample.row(fields[index]));
            for (const [index, sample] of samples.entries()) {
              const row = rows[index];
              if (row !== undefined) await port.append(sample.event(), { row });
            }
            const stranger = taskSample(trial, { relayId: `${relayId}1` });
            await port.append(stranger.event(), { row: stranger.row() });
            for (const asked of [{}, ...queries]) {
              const expected = rows.filter((row) => matches(row, asked)).sort(byTask);
              await trial.eventually(async () => {
                assert.deepEqual((await collect(port.tasks(relayId, asked))).sort(byTask), expected);
              });
            }
          },
        ),
        trial.cases,
      );
    },
  },
  {
    id: "tasks-move",
    title: "a task whose row has moved is listed by what it is now",
    async run(trial) {
      const { port } = trial;
      const { relayId, event, row } = taskSample(trial);
      await port.append(event({ id: eventId(1) }), { row: row({ headHop: 1 }) });
      const completed = row({ headHop: 2, status: "completed", updatedAt: at(5) });
      await port.append(event({ id: eventId(2) }), { row: completed });
      await port.append(event({ id: eventId(2, "damaged") }), { damaged: true });
      await trial.eventually(async () => {
        assert.deepEqual(await collect(port.tasks(relayId, { status: "running" })), []);
        assert.deepEqual(await collect(port.tasks(relayId, { status: "completed", damaged: true })), [
          { ...completed, damaged: true },
        ]);
        assert.deepEqual(await collect(port.tasks(relayId, { updatedBefore: at(4) })), []);
      });
    },
  },
  {
    id: "tasks-many",
    title: "tasks yields every row however many there are",
    async run(trial) {
      const { port } = trial;
      const relayId = trial.unique("relay");
      const samples = Array.from({ length: MANY_TASKS }, () => taskSample(trial, { relayId }));
      await forEachAtOnce(samples, 20, (sample) => port.append(sample.event(), { row: sample.row() }));
      const expected = samples.map(({ taskId }) => taskId).sort();
      await trial.eventually(async () => {
        assert.deepEqual(
          (await collect(port.tasks(relayId, { status: "running" }))).map(({ taskId }) => taskId).sort(),
          expected,
        );
      });
    },
  },
  {
    id: "by-agent",
    title:
      "byAgent yields the events that name the agent, ascending by time, of every task of the relay and of no other",
    async run(trial) {
      const { port } = trial;
      const relayId = trial.unique("relay");
      const seconds = [5, 3, 9, 1, 7];
      for (const [index, second] of seconds.entries()) {
        const { event } = taskSample(trial, { relayId, taskId: `task-${index % 2}` });
        await port.append(event({ id: eventId(index), at: at(second), agent: "code" }));
        await port.append(event({ id: eventId(index, "other"), at: at(second), agent: "code-2" }));
        await port.append(event({ id: eventId(index, "nobody"), at: at(second) }));
      }
      const expected = seconds.map(at).sort();
      const stranger = taskSample(trial, { relayId: `${relayId}1` });
      await port.append(stranger.event({ agent: "code" }));
      await trial.eventually(async () => {
        const events = await collect(port.byAgent(relayId, "code"));
        assert.ok(events.every((event) => event.relayId === relayId && event.agent === "code"));
        assert.deepEqual(
          events.map((event) => event.at),
          expected,
        );
      });
      assert.deepEqual(await collect(port.byAgent(relayId, "nobody-s-name")), []);
    },
  },
  {
    id: "audit-signal",
    title: "a reading whose signal is aborted rejects with the signal's reason",
    async run(trial) {
      const { port } = trial;
      const { relayId, taskId, event, row, intent } = taskSample(trial);
      await port.append(event({ agent: "code" }), { row: row() });
      await port.intend(intent());
      const { signal, reason } = abortedSignal();
      await rejectsBecause(reason, () => collect(port.events(relayId, taskId, { signal })));
      await rejectsBecause(reason, () => collect(port.byAgent(relayId, "code", { signal })));
      await rejectsBecause(reason, () => collect(port.tasks(relayId, { signal })));
      await rejectsBecause(reason, () => collect(port.intents(relayId, { signal })));
    },
  },
  {
    id: "audit-failure",
    title: "a log that fails rejects with an AuditError and is never taken for an empty one",
    optional: true,
    async run(trial) {
      const log = await trial.broken();
      const { relayId, taskId, event, row, intent } = taskSample(trial);
      await rejectsWith("AUDIT", () => log.append(event(), { row: row() }));
      await rejectsWith("AUDIT", () => log.task(relayId, taskId));
      await rejectsWith("AUDIT", () => collect(log.events(relayId, taskId)));
      await rejectsWith("AUDIT", () => collect(log.byAgent(relayId, "code")));
      await rejectsWith("AUDIT", () => collect(log.tasks(relayId)));
      await rejectsWith("AUDIT", () => log.intend(intent()));
      await rejectsWith("AUDIT", () => log.settle(relayId, taskId, "intent-1"));
      await rejectsWith("AUDIT", () => collect(log.intents(relayId)));
      await rejectsWith("AUDIT", () => log.erase(relayId, taskId, []));
    },
  },
];
