import assert from "node:assert/strict";
import type { AuditLog, Intent } from "@agenthandoff/core";
import type { ContractPromise } from "../contract-promise.js";
import { collect } from "../expect.js";
import type { Trial } from "../trial.js";
import { at, eventId, taskSample } from "./samples.js";

const name = ({ taskId, intentId }: Intent): string => `${taskId} ${intentId}`;

/** Requires that a relay's intents are these; a listing may lag, so it is asked again. */
async function intentsAre(trial: Trial<AuditLog>, relayId: string, expected: readonly Intent[]): Promise<void> {
  const sorted = (intents: readonly Intent[]): Intent[] =>
    [...intents].sort((left, right) => (name(left) < name(right) ? -1 : 1));
  await trial.eventually(async () => {
    assert.deepEqual(sorted(await collect(trial.port.intents(relayId))), sorted(expected));
  });
}

export const intentPromises: readonly ContractPromise<AuditLog>[] = [
  {
    id: "intent-kept",
    title: "an intent is listed as it was written, in its relay only, until it is settled",
    async run(trial) {
      const { port } = trial;
      const first = taskSample(trial);
      const second = taskSample(trial, { relayId: first.relayId, taskId: `${first.taskId}1` });
      const stranger = taskSample(trial, { relayId: `${first.relayId}1`, taskId: first.taskId });
      const intents = [first.intent(), first.intent({ intentId: "intent-2", operation: "cancel" }), second.intent()];
      for (const intent of [...intents, stranger.intent()]) await port.intend(intent);
      await intentsAre(trial, first.relayId, intents);
      await port.settle(first.relayId, first.taskId, "intent-1");
      await intentsAre(trial, first.relayId, intents.slice(1));
      await intentsAre(trial, stranger.relayId, [stranger.intent()]);
    },
  },
  {
    id: "intent-replaced",
    title: "an intent with the same task and intent id is replaced",
    async run(trial) {
      const { relayId, intent } = taskSample(trial);
      await trial.port.intend(intent());
      const again = intent({ at: at(100), requestId: "request-2", operation: "retry" });
      await trial.port.intend(again);
      await intentsAre(trial, relayId, [again]);
    },
  },
  {
    id: "settle-missing",
    title: "settling an intent that is not there succeeds",
    async run(trial) {
      const { relayId, taskId, intent } = taskSample(trial);
      await trial.port.settle(relayId, taskId, "never");
      await trial.port.intend(intent());
      await trial.port.settle(relayId, taskId, "never");
      await intentsAre(trial, relayId, [intent()]);
      await trial.port.settle(relayId, taskId, "intent-1");
      await trial.port.settle(relayId, taskId, "intent-1");
      await intentsAre(trial, relayId, []);
    },
  },
  {
    id: "intent-independent",
    title: "an intent needs no row, makes none, and outlives every change of the task's row",
    async run(trial) {
      const { port } = trial;
      const { relayId, taskId, intent, event, row } = taskSample(trial);
      await port.intend(intent());
      assert.equal(await port.task(relayId, taskId), undefined);
      assert.deepEqual(await collect(port.events(relayId, taskId)), []);
      for (const [hop, status] of (["running", "failed", "completed"] as const).entries()) {
        await port.append(event({ id: eventId(hop), hop }), { row: row({ headHop: hop, status }) });
        await intentsAre(trial, relayId, [intent()]);
      }
      await port.settle(relayId, taskId, "intent-1");
      assert.equal((await port.task(relayId, taskId))?.status, "completed");
      assert.equal((await collect(port.events(relayId, taskId))).length, 3);
    },
  },
];
