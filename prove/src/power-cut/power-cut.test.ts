import { describe, expect, it } from "vitest";
import { POWER_CUT_MUTANTS } from "./mutants.js";
import { provePowerCut, provePowerCutMutants } from "./prove-power-cut.js";

// The fixed share of CI; `pnpm run prove power-cut --tasks 12 --mutants` is the whole.
describe("a power cut at any moment", () => {
  it("takes back nothing that was reported, breaks no invariant and keeps no task from its end", async () => {
    const report = await provePowerCut({ tasks: 6, tornEvery: 40 });
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({ takenBack: 0, broken: 0 });
    // Else it proved little.
    expect(report.cuts).toBeGreaterThan(1_000);
    expect(report.states).toBeGreaterThan(100);
    expect(report.reports).toBeGreaterThan(100);
  }, 300_000);

  it("shows when something is reported before it is synced", async () => {
    const early = ["a send is not synced", "the last append is not synced", "start returns before its send"];
    const mutants = POWER_CUT_MUTANTS.filter(({ name }) => early.includes(name));
    expect(await provePowerCutMutants(() => {}, mutants)).toEqual({ killed: 3, total: 3 });
  }, 300_000);
});
