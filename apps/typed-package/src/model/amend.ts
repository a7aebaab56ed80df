import type { ColumnReport } from "../check/report.js";
import type { ColumnSpec } from "../generate/spec.js";
import { decideColumn, lastResort } from "./decide.js";

/** After so many amendments of one column the type that accepts everything is taken, so that the loop ends. */
const MAX_AMENDMENTS = 3;

export interface Amendments {
  /** New types, also of columns that were not there before. */
  readonly columns: readonly ColumnSpec[];
  /** Columns that the file does not have. */
  readonly remove: readonly string[];
}

/**
 * What to change after a report. QA tells what each column at fault holds over all rows, so a type decided from that
 * fits them; should it not, the column falls back to the type that nothing can contradict.
 *
 * @param amended how often each column was amended before
 */
export function amend(
  previous: readonly ColumnSpec[],
  reports: readonly ColumnReport[],
  amended: ReadonlyMap<string, number>,
  inText: boolean,
): Amendments {
  const columns = new Map<string, ColumnSpec>();
  const remove: string[] = [];
  for (const { column: name, problem, observed } of reports) {
    if (problem === "missing_column" || !observed) {
      remove.push(name);
      continue;
    }
    const before = previous.find((column) => column.name === name);
    const decided = decideColumn(name, observed, inText);
    const stuck = (amended.get(name) ?? 0) >= MAX_AMENDMENTS || sameType(before, decided);
    columns.set(name, stuck ? lastResort(name, inText) : decided);
  }
  return { columns: [...columns.values()], remove };
}

const sameType = (a: ColumnSpec | undefined, b: ColumnSpec): boolean =>
  a !== undefined && JSON.stringify({ ...a, about: "" }) === JSON.stringify({ ...b, about: "" });
