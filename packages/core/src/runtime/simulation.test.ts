import { describe, expect, it } from "vitest";
import { type SimulationReport, simulate } from "./testing/simulation.js";

const SEEDS = Number(process.env.AGENTHANDOFF_SIMULATION_SEEDS ?? 12);
const FIRST = Number(process.env.AGENTHANDOFF_SIMULATION_FIRST ?? 1);

describe("two workers and an operator, whose calls fail, are slow, lose their answers, and whose processes die", () => {
  const reports: SimulationReport[] = [];

  it.each(Array.from({ length: SEEDS }, (_, index) => FIRST + index))(
    "hold every invariant and come to rest (seed %i)",
    async (seed) => {
      reports.push(await simulate(seed));
    },
  );

  it("really met faults and crashes, and did work", () => {
    const sum = (count: (report: SimulationReport) => number) =>
      reports.reduce((total, each) => total + count(each), 0);
    expect(sum(({ faults }) => faults)).toBeGreaterThan(30 * reports.length);
    expect(sum(({ crashes }) => crashes)).toBeGreaterThan(3 * reports.length);
    expect(sum(({ hops }) => hops)).toBeGreaterThan(12 * reports.length);
  });

  it("repeats itself from its seed", async () => {
    expect(await simulate(FIRST)).toEqual(reports[0]);
  });
});
