import type { Cell } from "../formats/table.js";
import type { Observation } from "../profile/observation.js";
import type { ColumnProblem, ColumnReport } from "./report.js";

const MAX_EXAMPLES = 3;
const MAX_EXAMPLE_LENGTH = 80;

interface Found {
  readonly column: string;
  readonly problem: ColumnProblem;
  readonly message: string;
  rows: number;
  readonly examples: { row: number; value: string }[];
}

function shown(value: Cell | undefined): string {
  const text = value === undefined ? "(missing)" : JSON.stringify(value);
  return text.length <= MAX_EXAMPLE_LENGTH ? text : `${text.slice(0, MAX_EXAMPLE_LENGTH)}…`;
}

/** Gathers what goes wrong with each column: counted, with a few examples. */
export function columnWatch(): {
  add(
    column: string,
    problem: ColumnProblem,
    message: string,
    example?: { row: number; value: Cell | undefined },
  ): void;
  has(column: string): boolean;
  reports(observed: ReadonlyMap<string, Observation>): ColumnReport[];
} {
  const found = new Map<string, Found>();
  return {
    add(column, problem, message, example) {
      const key = JSON.stringify([column, problem]);
      const entry = found.get(key) ?? { column, problem, message, rows: 0, examples: [] };
      found.set(key, entry);
      if (!example) return;
      entry.rows++;
      if (entry.examples.length < MAX_EXAMPLES) entry.examples.push({ row: example.row, value: shown(example.value) });
    },
    has: (column) => [...found.values()].some((entry) => entry.column === column),
    reports: (observed) =>
      [...found.values()].map((entry) => ({
        ...entry,
        ...(observed.has(entry.column) && { observed: observed.get(entry.column) }),
      })),
  };
}
