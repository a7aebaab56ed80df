import { describe, expect, it } from "vitest";
import { describeSurvivors, type MutationReport, merge, placesOfSurvivors, scoreOf } from "./report.js";

type Mutant = MutationReport["files"][string]["mutants"][number];

const mutant = (line: number, status: Mutant["status"], replacement = "false"): Mutant => ({
  mutatorName: "BooleanLiteral",
  replacement,
  status,
  location: { start: { line, column: 5 }, end: { line, column: 9 } },
});
const reportOf = (...mutants: readonly Mutant[]): MutationReport => ({
  files: { "src/a.ts": { source: "one\n  true;\nthree", mutants } },
});

describe("a report of mutants", () => {
  it("counts what was noticed among what could be, and leaves out what does not run at all", () => {
    const statuses = ["Killed", "Killed", "Timeout", "Survived", "NoCoverage", "RuntimeError", "Ignored"] as const;
    expect(scoreOf(reportOf(...statuses.map((status) => mutant(2, status))))).toEqual({
      mutants: 5,
      killed: 2,
      timeouts: 1,
      survived: 1,
      noCoverage: 1,
      score: 60,
    });
  });

  it("says of each survivor where it stands and what it changed", () => {
    expect(describeSurvivors(reportOf(mutant(1, "Killed"), mutant(2, "Survived")))).toEqual([
      "src/a.ts:2:5 Survived BooleanLiteral → false | true;",
    ]);
  });

  it("names each place once, in the numbers that Stryker takes: columns from zero", () => {
    const report = reportOf(
      mutant(2, "Survived"),
      mutant(2, "Survived", "null"),
      mutant(3, "NoCoverage"),
      mutant(1, "Killed"),
    );
    expect(placesOfSurvivors(report)).toEqual(["src/a.ts:2:4-2:8", "src/a.ts:3:4-3:8"]);
  });

  it("takes from a later run only what became of the survivors", () => {
    const first = reportOf(
      mutant(1, "Killed"),
      mutant(2, "Survived"),
      mutant(2, "Survived", "null"),
      mutant(3, "NoCoverage"),
    );
    const later = reportOf(mutant(1, "Survived"), mutant(2, "Killed"), mutant(3, "Timeout"));
    expect(merge(first, later).files["src/a.ts"]?.mutants.map(({ status }) => status)).toEqual([
      "Killed",
      "Killed",
      "Survived",
      "Timeout",
    ]);
  });
});
