import type { Transport } from "@agenthandoff/core";
import fc from "fast-check";
import type { ContractPromise } from "../contract-promise.js";
import { type QueueModel, queueModel } from "./model.js";
import { openQueue } from "./queue.js";

const GROUPS = 3;
/** Few, so that ids repeat. */
const DEDUPLICATION_IDS = 40;

interface Step {
  readonly label: string;
  readonly run: (model: QueueModel) => Promise<unknown>;
}

const send: fc.Arbitrary<Step> = fc
  .tuple(fc.nat(GROUPS - 1), fc.nat(DEDUPLICATION_IDS))
  .map(([group, id]) => ({ label: `send(group ${group}, id ${id})`, run: (model) => model.send(group, id) }));

const receive: fc.Arbitrary<Step> = fc
  .integer({ min: 1, max: 4 })
  .map((max) => ({ label: `receive(${max})`, run: (model) => model.receive(max) }));

const settle: fc.Arbitrary<Step> = fc
  .tuple(fc.nat(30), fc.constantFrom("acknowledge", "release", "delay", "extend", "reject"))
  .map(([pick, action]) => ({ label: `${action}(${pick})`, run: (model) => model.settle(pick, action) }));

const redrive: fc.Arbitrary<Step> = fc.constant({ label: "redrive", run: (model) => model.redrive() });

const passLong: fc.Arbitrary<Step> = fc.constant({ label: "pass", run: (model) => model.passLong() });

export const lawPromises: readonly ContractPromise<Transport>[] = [
  {
    id: "queue-law",
    title:
      "whatever is sent, received, settled and redriven in whatever order, nothing is lost, doubled or out of order",
    async run(trial) {
      const weighted = [
        { arbitrary: send, weight: 5 },
        { arbitrary: receive, weight: 4 },
        { arbitrary: settle, weight: 5 },
        { arbitrary: redrive, weight: 1 },
        // Only where the test owns time: elsewhere the model's clock would run behind.
        ...(trial.ownsTime ? [{ arbitrary: passLong, weight: 1 }] : []),
      ];
      const steps = fc.array(fc.oneof(...weighted), { maxLength: 40, size: "max" });
      await fc.assert(
        fc.asyncProperty(steps, async (chosen) => {
          const model = queueModel(trial, await openQueue(trial));
          for (const step of chosen) await step.run(model);
          await model.drain();
        }),
        trial.cases,
      );
    },
  },
];
