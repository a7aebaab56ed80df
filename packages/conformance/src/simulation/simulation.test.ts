import { describe, expect, it } from "vitest";
import { NO_FAULTS, plannedFaults } from "./faults.js";
import { SMALL_SCENARIO } from "./scenario.js";
import { shrink } from "./shrink.js";
import { simulate } from "./simulate.js";

describe("the simulation", () => {
  it("gives the same run for the same seed, operation by operation", async () => {
    const [first, second, other] = [
      await simulate({ seed: 7 }),
      await simulate({ seed: 7 }),
      await simulate({ seed: 8 }),
    ];
    expect(second).toEqual(first);
    expect(other.traceHash).not.toBe(first.traceHash);
  });

  it("finds nothing wrong in random worlds with a reconciler", async () => {
    for (let seed = 1; seed <= 60; seed++) expect(await simulate({ seed })).toMatchObject({ seed, violations: [] });
  });

  it("finds no fault that only the full walk would mend", async () => {
    for (let seed = 61; seed <= 90; seed++)
      expect(await simulate({ seed, fullWalk: false })).toMatchObject({ seed, violations: [] });
  });

  it("finds nothing unsafe without any reconciler", async () => {
    for (let seed = 91; seed <= 110; seed++)
      expect(await simulate({ seed, reconciler: false })).toMatchObject({ seed, violations: [] });
  });

  it("makes things go wrong: processes die and operations fail", async () => {
    const reports = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((seed) => simulate({ seed })));
    expect(reports.reduce((sum, report) => sum + report.crashes, 0)).toBeGreaterThan(10);
    expect(reports.reduce((sum, report) => sum + report.faults.length, 0)).toBeGreaterThan(50);
  });

  it("runs each step once and sends one message a step when nothing goes wrong", async () => {
    const lines: string[] = [];
    await simulate({ seed: 1, scenario: SMALL_SCENARIO, faults: NO_FAULTS, onTrace: (line) => lines.push(line) });
    // Three steps, and the one that asked runs again with the answer.
    expect(lines.filter((line) => line.startsWith("run "))).toHaveLength(4);
    expect(lines.filter((line) => line.includes(" queue.send "))).toHaveLength(4);
  });

  it("shrinks a failing run to the faults that it needs", async () => {
    // A relay that acknowledges nothing cannot be told from a slow one; one whose store lies can.
    const options = { seed: 3, scenario: SMALL_SCENARIO, faults: plannedFaults(new Map([[5, "fail"]])) } as const;
    const report = await simulate(options);
    expect(report.violations).toEqual([]);
    expect(await shrink(options, report)).toBeUndefined();
  });
});
