import type { z } from "zod";
import { type Problem, RowError } from "./errors.js";

export interface ReadOptions {
  /** Called for each row that does not fit, which is then left out. Without it the first such row ends the reading. */
  readonly onInvalid?: (error: RowError) => void;
}

function problemsOf(error: z.ZodError): Problem[] {
  return error.issues.flatMap((issue) => {
    // A member that the schema does not know is a problem of that column, not of the row.
    const names = issue.code === "unrecognized_keys" && issue.path.length === 0 ? issue.keys : [issue.path.join(".")];
    const message = issue.code === "unrecognized_keys" ? "the schema does not know this column" : issue.message;
    return names.map((column) => ({ column: column === "" ? "(row)" : column, message }));
  });
}

/**
 * Raw rows turned into typed rows, one at a time.
 *
 * @throws RowError for the first row that does not fit, unless `onInvalid` takes it.
 */
export async function* checkRows<Row>(
  schema: z.ZodType<Row>,
  rows: AsyncIterable<unknown>,
  options: ReadOptions,
): AsyncGenerator<Row, void, undefined> {
  let rowNumber = 0;
  for await (const row of rows) {
    rowNumber++;
    const result = schema.safeParse(row);
    if (result.success) {
      yield result.data;
      continue;
    }
    const error = new RowError(rowNumber, problemsOf(result.error));
    if (!options.onInvalid) throw error;
    options.onInvalid(error);
  }
}
