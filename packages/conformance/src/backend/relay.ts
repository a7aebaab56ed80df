import assert from "node:assert/strict";
import { type Backend, createRelay, defineAgent, type Relay } from "@agenthandoff/core";
import type { ContractPromise } from "../contract-promise.js";
import { collect } from "../expect.js";
import type { Trial } from "../trial.js";

const TASKS = 10;

/** What plain JSON would not carry over. */
const finding = (question: number): Map<string, unknown> =>
  new Map<string, unknown>([
    ["question", question],
    ["at", new Date(question)],
    ["bytes", new Uint8Array([question, 255])],
    ["large", 2n ** 80n],
  ]);

/** Two agents of a relay on one handle: research hands what it found to write, which ends the task with it. */
function relayOn(backend: Backend, id: string): Relay<"research" | "write"> {
  const research = defineAgent({
    name: "research",
    handsTo: ["write"],
    run: ({ context, handoff }) =>
      handoff("write", { reason: "found", output: finding((context.input as { question: number }).question) }),
  });
  const write = defineAgent({
    name: "write",
    run: ({ context }) => ({ reason: context.reason, input: context.input, found: context.latest("research") }),
  });
  return createRelay({ id, agents: [research, write], backend });
}

async function taskEndsWell(relay: Relay, taskId: string, question: number): Promise<void> {
  const task = relay.task(taskId);
  const result = await task.result();
  assert.equal(result.status, "completed");
  const expected = { reason: "found", input: { question }, found: finding(question) };
  if (result.status === "completed") assert.deepEqual(result.output, expected);
  assert.deepEqual((await task.verify()).problems, []);
  const committed = (await task.audit()).filter(({ kind }) => kind === "committed");
  assert.deepEqual(
    committed.map(({ hop }) => hop),
    [0, 1, 2],
  );
}

export const relayPromises: readonly ContractPromise<Backend>[] = [
  {
    id: "relay-works",
    title:
      "a relay whose caller and agents each have a handle of their own completes its tasks, with nothing lost on the way",
    async run(trial: Trial<Backend>) {
      const id = trial.unique("relay");
      for (const agent of ["research", "write"]) await trial.queue({ relayId: id, agent });
      const caller = relayOn(trial.port, id);
      const stop = new AbortController();
      const workers = [
        relayOn(await trial.another(), id).worker({ agents: ["research"], signal: stop.signal }),
        relayOn(await trial.another(), id).worker({ agents: ["write"], signal: stop.signal }),
      ];
      const questions = Array.from({ length: TASKS }, (_, index) => index);
      try {
        for (const question of questions) {
          await caller.start({ to: "research", taskId: `task-${question}`, input: { question } });
        }
        const ended = questions.map((question) => taskEndsWell(caller, `task-${question}`, question));
        await trial.settled(Promise.all(ended));
        await trial.eventually(async () => {
          assert.equal((await collect(caller.tasks({ status: "completed" }))).length, TASKS);
        });
      } finally {
        stop.abort();
        await trial.settled(Promise.all(workers));
      }
    },
  },
];
