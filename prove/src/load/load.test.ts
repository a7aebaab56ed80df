import { describe, expect, it } from "vitest";
import { proveLoad, whatWentWrong } from "./prove-load.js";
import { soak } from "./soak.js";

// The fixed share of CI; `pnpm run prove load` and `pnpm run prove soak --minutes 10` are the whole.
describe("a worker", () => {
  it("takes about as much for each of many tasks as for few, shares them with other processes, and is fair", async () => {
    const report = await proveLoad({ tasks: 300, processes: 3, sharedTasks: 60, longHops: 200, shortTasks: 30 });
    expect(whatWentWrong(report.processes, report.fairness)).toEqual([]);
    expect(report.ratios.live).toBeLessThanOrEqual(1.5);
    expect(report.ratios.rss).toBeLessThanOrEqual(1.5);
    // How much CPU a hop takes is measured at leisure, not on a machine that others use: here only what is out of bounds shows.
    expect(report.ratios.cpu).toBeLessThan(3);
  }, 600_000);

  it("holds no more memory the longer it works", async () => {
    const report = await soak(15);
    expect(report).toMatchObject({ lost: 0 });
    const [, second = 0, third = 0] = report.liveMb;
    expect(third).toBeLessThanOrEqual(1.3 * second);
  }, 300_000);
});
