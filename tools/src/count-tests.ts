import { readFileSync } from "node:fs";

/** The part of vitest's JSON report that a count needs. */
export interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

export interface TestCount {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** A file that fails before or beside its tests has no failed assertion of its own; it counts as one failure. */
export function countTests(report: TestReport): TestCount {
  const failedFiles = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed"),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + failedFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

if (process.argv[1] === import.meta.filename) {
  const { passed, failed, skipped } = countTests(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as TestReport);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
}
