import { describe, expect, it } from "vitest";
import { POWER_CUT_MUTANTS } from "./mutants.js";
import { provePowerCut, provePowerCutMutants } from "./prove-power-cut.js";

/** Only a hang is a failure: how long a machine takes is its own affair. */
const HANG_MS = 3_600_000;

// The fixed share of CI; `pnpm run prove power-cut --tasks 12 --mutants` is the whole.
describe("a power cut at any moment", () => {
  it("takes back nothing that was reported, breaks no invariant and keeps no task from its end", {
    timeout: HANG_MS,
  }, async () => {
    const report = await provePowerCut({ tasks: 6, plays: ["staged", "troubled"], cutEvery: 9, tornEvery: 90 });
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({ takenBack: 0, broken: 0 });
    // Else it proved little.
    expect(report.cuts).toBeGreaterThan(200);
    expect(report.states).toBeGreaterThan(50);
    expect(report.faults).toBeGreaterThan(50);
    expect(report.reports).toBeGreaterThan(30);
  });

  it.each([
    "a send is not synced",
    "a hop is shown to those who watch before it is synced",
    "a handle believes that nobody's sync failed before it came",
  ])("shows when %s", { timeout: HANG_MS }, async (mutant) => {
    const mutants = POWER_CUT_MUTANTS.filter(({ name }) => name === mutant);
    expect(await provePowerCutMutants(() => {}, mutants)).toEqual({ killed: 1, total: 1 });
  });
});
