import type { Cell } from "../formats/table.js";
import { type ColumnSpec, holdsText, isPlainText, type SourceSpec } from "../generate/spec.js";
import type { Observation } from "../profile/observation.js";

/** A value that no row of the file could have. */
export interface Corruption {
  readonly column: string;
  readonly value: Cell;
}

const NONSENSE = "~corrupted~";

/** Values that do not belong into a column, judged by what the whole column really holds. */
function wrongTexts(column: ColumnSpec, seen: Observation): Cell[] {
  const { text } = seen;
  const wrong: Cell[] = [];
  if (!isPlainText(column.value)) wrong.push(NONSENSE);
  if (column.value.kind === "integer" && text?.numbers?.integers) wrong.push("1.5");
  if (text?.empty === 0) wrong.push("");
  return wrong;
}

/** A value of a kind that the column never holds. */
function valueOfAnotherKind(seen: Observation): Cell {
  if (!seen.text) return NONSENSE;
  if (!seen.boolean) return true;
  if (!seen.number) return 0.5;
  if (!seen.list) return [NONSENSE];
  // Every kind was seen; a record still has no such member.
  return { [NONSENSE]: NONSENSE };
}

function wrongValues({ value }: ColumnSpec, seen: Observation): Cell[] {
  if (value.kind === "anything") return [];
  // A text must follow the rule that its column has; elsewhere a value of another kind is what is wrong.
  const ruled = value.kind === "enum" || value.kind === "date" || (value.kind === "text" && value.format !== undefined);
  const wrong: Cell[] = [ruled ? NONSENSE : valueOfAnotherKind(seen)];
  if (value.kind === "integer" && seen.number && seen.number.integers === seen.number.count) wrong.push(0.5);
  if (seen.nulls === 0) wrong.push(null);
  return wrong;
}

/** At least one corruption for each column that is not plain text. */
export function corruptions(
  source: SourceSpec,
  columns: readonly ColumnSpec[],
  seen: ReadonlyMap<string, Observation>,
): Corruption[] {
  const wrong = holdsText(source) ? wrongTexts : wrongValues;
  return columns.flatMap((column) => {
    const observed = seen.get(column.name);
    return observed ? wrong(column, observed).map((value) => ({ column: column.name, value })) : [];
  });
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** One row as a file of its own, in the source's format. */
export function fileWithRow(
  source: SourceSpec,
  header: readonly string[],
  cells: Readonly<Record<string, Cell>>,
): string {
  if (source.kind === "ndjson") return `${JSON.stringify(cells)}\n`;
  if (source.kind === "json")
    return JSON.stringify(source.member === undefined ? [cells] : { [source.member]: [cells] });
  const line = (texts: readonly string[]) => `${texts.map(quoted).join(source.delimiter ?? ",")}\n`;
  return line(header) + line(header.map((name) => String(cells[name] ?? "")));
}
