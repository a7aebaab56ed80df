import assert from "node:assert/strict";
import type { AuditLog } from "@agenthandoff/core";
import type { ContractPromise } from "../contract-promise.js";
import { collect } from "../expect.js";
import { at, eventId, taskSample } from "./samples.js";

const told = { error: "a secret", reason: { deep: "another secret" }, handoff_sha256: "a".repeat(64), attempt: 2 };
const kept = { handoff_sha256: told.handoff_sha256, attempt: told.attempt };
const KEEP = ["handoff_sha256", "attempt", "a-name-no-event-has"];

export const erasingPromises: readonly ContractPromise<AuditLog>[] = [
  {
    id: "erase-blanks",
    title: "erase leaves of each event's detail only the members that keep names, and everything else of the event",
    async run(trial) {
      const { port } = trial;
      const { relayId, taskId, event } = taskSample(trial);
      const events = [0, 1, 2].map((hop) => event({ id: eventId(hop), hop, at: at(hop), agent: "code", detail: told }));
      for (const one of events) await port.append(one);
      await port.erase(relayId, taskId, KEEP);
      const expected = events.map((one) => ({ ...one, detail: kept }));
      assert.deepEqual(await collect(port.events(relayId, taskId)), expected);
      assert.deepEqual(
        await collect((await trial.another()).events(relayId, taskId, { hop: 1 })),
        expected.slice(1, 2),
      );
      await trial.eventually(async () => {
        assert.deepEqual(await collect(port.byAgent(relayId, "code")), expected);
      });
    },
  },
  {
    id: "erase-row",
    title: "erase makes the task's row erased and changes nothing else of it",
    async run(trial) {
      const { port } = trial;
      const { relayId, taskId, event, row } = taskSample(trial);
      await port.append(event(), { row: row({ status: "failed", damaged: true }) });
      await port.erase(relayId, taskId, KEEP);
      const erased = row({ status: "erased", damaged: true });
      assert.deepEqual(await port.task(relayId, taskId), erased);
      await trial.eventually(async () => {
        assert.deepEqual(await collect(port.tasks(relayId, { status: "failed" })), []);
        assert.deepEqual(await collect(port.tasks(relayId, { status: "erased" })), [erased]);
      });
    },
  },
  {
    id: "erase-final",
    title: "an erased event that is appended again stays blank; one appended later is kept as it is",
    async run(trial) {
      const { port } = trial;
      const { relayId, taskId, event } = taskSample(trial);
      const first = event({ id: eventId(1), detail: told });
      const later = event({ id: eventId(2), detail: told });
      await port.append(first);
      await port.erase(relayId, taskId, KEEP);
      assert.equal(await port.append(first), "exists");
      assert.equal(await port.append(later), "appended");
      assert.deepEqual(await collect(port.events(relayId, taskId)), [{ ...first, detail: kept }, later]);
    },
  },
  {
    id: "erase-apart",
    title: "erase touches no other task, and erasing a task that nobody wrote of succeeds",
    async run(trial) {
      const { port } = trial;
      const first = taskSample(trial);
      const others = [
        taskSample(trial, { relayId: first.relayId, taskId: `${first.taskId}.0.1` }),
        taskSample(trial, { relayId: `${first.relayId}1`, taskId: first.taskId }),
      ];
      for (const sample of [first, ...others]) await port.append(sample.event({ detail: told }), { row: sample.row() });
      await port.erase(first.relayId, first.taskId, []);
      await port.erase(first.relayId, trial.unique("never"), []);
      for (const sample of others) {
        assert.deepEqual(await collect(port.events(sample.relayId, sample.taskId)), [sample.event({ detail: told })]);
        assert.deepEqual(await port.task(sample.relayId, sample.taskId), sample.row());
      }
    },
  },
];
