import { join } from "node:path";
import {
  type Fault,
  faultsOf,
  plannedFaults,
  type SimulationOptions,
  type SimulationReport,
  SMALL_SCENARIO,
  shrink,
  simulate,
} from "@agenthandoff/conformance/simulation";
import type * as Core from "@agenthandoff/core";
import type * as Memory from "@agenthandoff/core/memory";
import { type Assignment, add, type Mode, modeOf, NOTHING, type Tally, type Work } from "./crew.js";

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

async function carryOut(assignment: Assignment): Promise<Tally> {
  const library = await loadLibrary(assignment);
  let tally = NOTHING;
  for (const work of assignment.work) {
    const schedules =
      work.kind === "seeds"
        ? seeds(work, library.newer)
        : faults(work, (options) => simulate({ ...library.base, ...options }));
    for await (const { mode, options, schedule, after, planned = 0 } of schedules) {
      const request = { ...library.base, ...mode, ...options };
      const report = await simulate(request);
      if (report.violations.length > 0 && !assignment.stopAtFirst) await explain(request, report, schedule);
      tally = add(tally, {
        schedules: 1,
        operations: report.operations,
        virtualHours: report.virtualHours,
        faults: report.faults.length + planned,
        crashes: report.crashes,
        notUnderstood: report.notUnderstood,
        damaged: report.damaged,
        violations: report.violations
          .slice(0, 1)
          .map(({ invariant, what }) => ({ invariant, what, mode, after, schedule })),
      });
      if (assignment.stopAtFirst && tally.violations.length > 0) return tally;
    }
  }
  return tally;
}

type CreateRelay = NonNullable<SimulationOptions["createRelay"]>;

async function loadLibrary({ core, newer = [] }: Assignment): Promise<{
  readonly base: Pick<SimulationOptions, "createRelay" | "drivers">;
  readonly newer: readonly CreateRelay[];
}> {
  const load = async (directory: string) => (await import(join(directory, "src/index.ts"))) as typeof Core;
  const newerRelays = (await Promise.all(newer.map(load))).map(({ createRelay }) => createRelay);
  if (core === undefined) return { base: {}, newer: newerRelays };
  const drivers = (await import(join(core, "src/memory/index.ts"))) as typeof Memory;
  return { base: { createRelay: (await load(core)).createRelay, drivers }, newer: newerRelays };
}

interface Schedule {
  readonly mode: Mode;
  readonly options: SimulationOptions;
  readonly schedule: string;
  readonly after: number;
  /** How many faults it plans. */
  readonly planned?: number;
}

function* seeds(
  { mode, from, to }: Extract<Work, { kind: "seeds" }>,
  newer: readonly CreateRelay[],
): Generator<Schedule> {
  for (let seed = from; seed < to; seed++) {
    // What the newer version is: agents' code that is newer, or the library too.
    const version = newer[(Math.floor(seed / 100) % (newer.length + 1)) - 1];
    yield {
      mode: mode ?? modeOf(seed),
      options: { seed, ...(version !== undefined && { createNewerRelay: version }) },
      schedule: `--from ${seed} --seeds 1`,
      after: seed,
    };
  }
}

type PlannedFault = readonly [number, Fault];

async function* faults(
  { mode = modeOf(0), operations, offset, stride, pairs }: Extract<Work, { kind: "faults" }>,
  run: (options: SimulationOptions) => Promise<unknown>,
): AsyncGenerator<Schedule> {
  const optionsOf = (planned: readonly PlannedFault[]): SimulationOptions => ({
    seed: 1,
    scenario: SMALL_SCENARIO,
    faults: plannedFaults(new Map(planned)),
  });
  /** What the operations of a run are after some faults: that decides what else can go wrong with each. */
  const operationsAfter = async (planned: readonly PlannedFault[]): Promise<readonly PlannedFault[]> => {
    const possible: PlannedFault[] = [];
    const { faultOf, isOut } = plannedFaults(new Map(planned));
    const last = planned.at(-1)?.[0] ?? 0;
    const listening = {
      isOut,
      faultOf(operation: Parameters<typeof faultOf>[0]) {
        if (operation.number > last && operation.number <= operations)
          // To the runtime a conflict is a failure of which nothing has happened.
          for (const fault of faultsOf(operation)) if (fault !== "conflict") possible.push([operation.number, fault]);
        return faultOf(operation);
      },
    };
    await run({ ...mode, ...optionsOf(planned), faults: listening });
    return possible;
  };
  let [index, after] = [0, 0];
  for (const first of await operationsAfter([])) {
    if (index++ % stride !== offset) continue;
    for (const planned of pairs ? (await operationsAfter([first])).map((second) => [first, second]) : [[first]]) {
      const schedule = `faults ${planned.map(([operation, fault]) => `${operation}:${fault}`).join(",")}`;
      yield { mode, options: optionsOf(planned), schedule, after: pairs ? ++after : index, planned: planned.length };
    }
  }
}

/** Prints what a reader needs: the faults without which it would not have happened, and the end of the run. */
async function explain(options: SimulationOptions, report: SimulationReport, schedule: string): Promise<void> {
  const shrunk = options.faults === undefined ? await shrink(options, report) : undefined;
  const lines: string[] = [];
  const chosen = shrunk?.faults.map(({ operation, fault }) => [operation, fault] as const);
  const faults = chosen === undefined ? options.faults : plannedFaults(new Map(chosen));
  const onTrace = (line: string) => void lines.push(line);
  const again = await simulate({ ...options, ...(faults && { faults }), onTrace });
  const [violation] = again.violations;
  // What came before it, rather than the long calm after it.
  const later = lines.findIndex((line) => Number(line.split(" ", 2)[1]) > (violation?.at ?? Number.POSITIVE_INFINITY));
  const before = lines.slice(0, later === -1 ? undefined : later).slice(-40);
  const needed = chosen?.map(([operation, fault]) => `${operation}:${fault}`).join(" ");
  const broken = report.violations.map(({ invariant, what }) => `${invariant}: ${what}`);
  console.error([`${schedule}, faults ${needed ?? "all"}`, ...broken, ...before].join("\n"));
}
