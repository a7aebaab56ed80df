import { join } from "node:path";
import {
  ALL_FAULTS,
  type Fault,
  plannedFaults,
  type SimulationOptions,
  SMALL_SCENARIO,
  simulate,
} from "@agenthandoff/conformance/simulation";
import type * as Core from "@agenthandoff/core";
import { type Assignment, add, NOTHING, type Tally } from "./crew.js";

// One process of the simulation: takes its assignment as a message, and answers with what it found.

process.once("message", (assignment: Assignment) => {
  carryOut(assignment).then(
    (tally) => process.send?.(tally, () => process.exit(0)),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function carryOut({ core, mode, work, stopAtFirst }: Assignment): Promise<Tally> {
  const library = core === undefined ? undefined : ((await import(join(core, "src/index.ts"))) as typeof Core);
  const base = { ...mode, ...(library === undefined ? {} : { createRelay: library.createRelay }) };
  let tally = NOTHING;
  for (const { options, schedule } of work.kind === "seeds" ? seeds(work) : pairs(work)) {
    const report = await simulate({ ...base, ...options });
    tally = add(tally, {
      schedules: 1,
      operations: report.operations,
      virtualHours: report.virtualHours,
      faults: report.faults.length,
      crashes: report.crashes,
      violations: report.violations.slice(0, 1).map(({ invariant, what }) => ({ invariant, what, schedule })),
    });
    if (stopAtFirst && tally.violations.length > 0) break;
  }
  return tally;
}

interface Schedule {
  readonly options: SimulationOptions;
  readonly schedule: string;
}

function* seeds({ from, count }: { from: number; count: number }): Generator<Schedule> {
  for (let seed = from; seed < from + count; seed++) yield { options: { seed }, schedule: `--seed ${seed}` };
}

function* pairs({
  operations,
  offset,
  stride,
  singles,
}: {
  operations: number;
  offset: number;
  stride: number;
  singles: boolean;
}): Generator<Schedule> {
  let index = 0;
  for (const faults of singles ? singleFaults(operations) : pairsOfFaults(operations)) {
    if (index++ % stride !== offset) continue;
    const schedule = `--faults ${faults.map(([operation, fault]) => `${operation}:${fault}`).join(",")}`;
    yield { options: { seed: 1, scenario: SMALL_SCENARIO, faults: plannedFaults(new Map(faults)) }, schedule };
  }
}

type PlannedFault = readonly [number, Fault];

function* singleFaults(operations: number): Generator<readonly PlannedFault[]> {
  for (let operation = 1; operation <= operations; operation++)
    for (const fault of ALL_FAULTS) yield [[operation, fault]];
}

function* pairsOfFaults(operations: number): Generator<readonly PlannedFault[]> {
  for (let first = 1; first <= operations; first++) {
    for (let second = first + 1; second <= operations; second++) {
      for (const a of ALL_FAULTS)
        for (const b of ALL_FAULTS)
          yield [
            [first, a],
            [second, b],
          ];
    }
  }
}
