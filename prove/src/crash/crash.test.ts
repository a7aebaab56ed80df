import { expect, it } from "vitest";
import { proveCrash } from "./prove-crash.js";

// The fixed share of CI; `pnpm run prove crash --kills 1000` is the whole.
it("loses nothing and commits no hop twice when workers are killed at any moment", async () => {
  const report = await proveCrash({ kills: 12, tasks: 24 });
  expect(report.problems).toEqual([]);
  expect(report).toMatchObject({ tasks: 24, lost: 0, doubled: 0 });
  // Else the kills proved little.
  expect(report.killsDuringRun + report.killsBetweenCommitAndSend).toBeGreaterThan(0);
}, 300_000);
