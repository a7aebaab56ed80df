import type { FileFormat } from "./detect.js";

/** A JSON value. CSV and TSV cells are always strings. */
export type Cell = null | boolean | number | string | readonly Cell[] | { readonly [name: string]: Cell };

/** One row of the file. A column that a JSON object lacks is absent from `cells`. */
export interface Row {
  /** Counted from 1; a CSV header is not a row. */
  readonly number: number;
  readonly cells: Readonly<Record<string, Cell>>;
}

/** An open file. `rows` reads on as it is asked; leaving its loop early closes the file. */
export interface Table {
  readonly format: FileFormat;
  /** In the header's order. JSON has no header: undefined. */
  readonly columns: readonly string[] | undefined;
  readonly rows: AsyncGenerator<Row, void, undefined>;
}

/** A row may be this large, so that one unclosed quote cannot fill the memory. */
export const MAX_ROW_BYTES: number = 16 * 1024 * 1024;
