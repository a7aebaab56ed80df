import { FileError } from "./errors.js";
import { MAX_ROW_LENGTH, type Source, textOf } from "./source.js";

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const QUOTE = 34;

/** Where in a cell the reader is: before it, in it without quotes, between its quotes, after its closing quote. */
const State = { start: 0, plain: 1, quoted: 2, closed: 3 } as const;

/** Every record, the header too. Quotes follow RFC 4180, lines end in LF, CRLF or CR, blank lines are no records. */
async function* recordsOf(source: Source, delimiter: string): AsyncGenerator<string[]> {
  const separator = delimiter.charCodeAt(0);
  let record: string[] = [];
  let cell = "";
  let state: number = State.start;
  let afterReturn = false;
  let count = 0;
  /** How much text was read since the last record ended. */
  let pending = 0;

  const wrong = (what: string): never => {
    throw new FileError(`${count === 0 ? "the header" : `row ${count}`}: ${what}`);
  };

  for await (const text of textOf(source)) {
    // Where the part of the current cell that is not yet in `cell` begins.
    let from = 0;
    let rowFrom = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (state === State.quoted) {
        if (code !== QUOTE) continue;
        cell += text.slice(from, at);
        state = State.closed;
        from = at + 1;
        continue;
      }
      if (afterReturn) {
        afterReturn = false;
        from = code === LINE_FEED ? at + 1 : at;
        if (code === LINE_FEED) continue;
      }
      if (code === QUOTE) {
        if (state === State.plain) wrong("a quote stands inside an unquoted cell");
        // A second quote right after a closing one is a quote of the text.
        from = state === State.closed ? at : at + 1;
        state = State.quoted;
        continue;
      }
      if (code !== separator && code !== LINE_FEED && code !== CARRIAGE_RETURN) {
        if (state === State.closed) wrong("text follows a closing quote");
        state = State.plain;
        continue;
      }
      if (state !== State.closed) cell += text.slice(from, at);
      from = at + 1;
      const blank = record.length === 0 && cell === "" && state === State.start;
      if (code === separator || !blank) record.push(cell);
      cell = "";
      state = State.start;
      if (code === separator) continue;
      afterReturn = code === CARRIAGE_RETURN;
      if (blank) continue;
      yield record;
      pending = 0;
      rowFrom = at + 1;
      count++;
      record = [];
    }
    if (state !== State.closed) cell += text.slice(from);
    pending += text.length - rowFrom;
    if (pending > MAX_ROW_LENGTH) wrong("it is longer than a row may be; look for a quote that is never closed");
  }
  if (state === State.quoted) wrong("a quote is never closed");
  if (record.length > 0 || cell !== "" || state !== State.start) yield [...record, cell];
}

/** The names of a header, made unique as the schema names them: `column_3` for an empty one, `id_2` for the second `id`. */
function namesOf(header: readonly string[]): string[] {
  const taken = new Set<string>();
  return header.map((text, index) => {
    const wanted = text.trim() === "" ? `column_${index + 1}` : text.trim();
    let name = wanted;
    for (let copy = 2; taken.has(name); copy++) name = `${wanted}_${copy}`;
    taken.add(name);
    return name;
  });
}

/**
 * The rows of a delimited file as objects of texts. Columns may stand in any order, but all must be there.
 *
 * @throws FileError
 */
export async function* delimitedRows(
  source: Source,
  options: { readonly delimiter: string; readonly columns: readonly string[] },
): AsyncGenerator<Record<string, string>> {
  let names: readonly string[] | undefined;
  let rowNumber = 0;
  for await (const record of recordsOf(source, options.delimiter)) {
    if (names === undefined) {
      names = namesOf(record);
      const missing = options.columns.filter((column) => !names?.includes(column));
      if (missing.length > 0)
        throw new FileError(`the header lacks ${missing.map((name) => JSON.stringify(name)).join(", ")}`);
      continue;
    }
    rowNumber++;
    if (record.length !== names.length) {
      throw new FileError(`row ${rowNumber} has ${record.length} cells, the header has ${names.length}`);
    }
    yield Object.fromEntries(names.map((name, index) => [name, record[index] ?? ""]));
  }
  if (names === undefined) throw new FileError("the file is empty: it lacks a header");
}
