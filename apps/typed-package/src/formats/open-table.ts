import { type ByteSource, headOf } from "./byte-source.js";
import { openDelimited } from "./delimited.js";
import { detectFormat, HEAD_BYTES } from "./detect.js";
import { EmptyFileError } from "./input-errors.js";
import { openJson } from "./json.js";
import { openNdjson } from "./ndjson.js";
import type { Table } from "./table.js";

/** A table with the JSON member that holds it, where it is not the whole file. */
export type OpenTable = Table & { readonly member?: string | undefined };

/**
 * Finds out what a file is and opens it for reading row by row, in bounded memory.
 *
 * @throws InputError, here for the head of the file, later from `rows` for what comes further down.
 */
export async function openTable(source: ByteSource): Promise<OpenTable> {
  const format = detectFormat(source.name, await headOf(source, HEAD_BYTES));
  const table = await open(source, format);
  return { ...table, rows: atLeastOne(source.name, table.rows) };
}

async function open(source: ByteSource, format: ReturnType<typeof detectFormat>): Promise<OpenTable> {
  if (format.kind === "json") return openJson(source);
  if (format.kind === "ndjson") return openNdjson(source);
  return openDelimited(source, format.delimiter);
}

async function* atLeastOne(file: string, rows: Table["rows"]): Table["rows"] {
  let empty = true;
  for await (const row of rows) {
    empty = false;
    yield row;
  }
  if (empty) throw new EmptyFileError(file, "has no rows");
}
