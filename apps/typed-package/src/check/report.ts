import { z } from "zod";
import { type Observation, observation } from "../profile/observation.js";

/** What is wrong with a column: the reason for which Code has to amend it. */
export type ColumnProblem =
  /** Rows of the file are refused because of this column. */
  | "refused"
  /** The loader gives another value than the file has. */
  | "changed"
  /** The file has this column, the package does not. */
  | "unknown_column"
  /** The package has this column, the file does not. */
  | "missing_column"
  /** All values have a stricter type than the package says. */
  | "too_loose"
  /** The values can be read in two ways, and the package picked one. */
  | "ambiguous"
  /** A corrupted value was accepted. */
  | "accepts_corrupted";

export interface ColumnReport {
  readonly column: string;
  readonly problem: ColumnProblem;
  readonly message: string;
  /** How many rows show it. */
  readonly rows: number;
  readonly examples: readonly { readonly row: number; readonly value: string }[];
  /** What the whole column holds, over every row of the file. Absent for a column that the file lacks. */
  readonly observed?: Observation | undefined;
}

export interface QaReport {
  readonly passed: boolean;
  readonly rows: number;
  readonly rowsAccepted: number;
  readonly compileErrors: readonly { readonly file: string; readonly line: number; readonly message: string }[];
  /** The end of the report of the package's own tests, where they failed. */
  readonly testFailure?: string | undefined;
  /** The loader gave up on the file as a whole. */
  readonly fileError?: string | undefined;
  /** Rows with one corrupted cell each, and how many of them were refused. */
  readonly corrupted: { readonly tried: number; readonly refused: number };
  /** Columns that are plain text: nothing in them can be wrong. */
  readonly plainText: readonly string[];
  readonly columns: readonly ColumnReport[];
}

const count = z.number().int().min(0);

export const qaReport: z.ZodType<QaReport> = z.object({
  passed: z.boolean(),
  rows: count,
  rowsAccepted: count,
  compileErrors: z.array(z.object({ file: z.string(), line: count, message: z.string() })),
  testFailure: z.string().optional(),
  fileError: z.string().optional(),
  corrupted: z.object({ tried: count, refused: count }),
  plainText: z.array(z.string()),
  columns: z.array(
    z.object({
      column: z.string(),
      problem: z.enum([
        "refused",
        "changed",
        "unknown_column",
        "missing_column",
        "too_loose",
        "ambiguous",
        "accepts_corrupted",
      ]),
      message: z.string(),
      rows: count,
      examples: z.array(z.object({ row: count, value: z.string() })),
      observed: observation.optional(),
    }),
  ),
});

/** One line for a reason: what QA found. */
export function summarize(report: QaReport): string {
  if (report.passed) {
    const { tried } = report.corrupted;
    return `all ${report.rows} rows match value for value, and ${tried} corrupted rows were refused`;
  }
  const parts = [
    ...(report.compileErrors.length > 0 ? [`${report.compileErrors.length} compile errors`] : []),
    ...(report.testFailure === undefined ? [] : ["the package's own tests fail"]),
    ...(report.fileError === undefined ? [] : [`the loader cannot read the file: ${report.fileError}`]),
    ...report.columns.map(
      ({ column, message, rows }) =>
        `${column}: ${message}${rows > 0 ? ` (${rows} ${rows === 1 ? "row" : "rows"})` : ""}`,
    ),
  ];
  return parts.join("; ");
}
