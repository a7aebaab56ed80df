import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { CsvError, parse } from "csv-parse";
import type { ByteSource } from "./byte-source.js";
import { columnNames, looksLikeData } from "./column-names.js";
import type { Delimiter } from "./detect.js";
import {
  type InputError,
  MalformedFileError,
  NoHeaderError,
  RaggedRowError,
  RowTooLargeError,
} from "./input-errors.js";
import { MAX_ROW_BYTES, type Table } from "./table.js";
import { utf8Bytes } from "./utf8.js";

/** The records of a file, the header first. Quotes follow RFC 4180; blank lines are no records. */
async function* records(source: ByteSource, delimiter: Delimiter): AsyncGenerator<readonly string[]> {
  const parser = parse({
    delimiter,
    // Not detected: a file may mix line ends, and a detected one would leave stray carriage returns in cells.
    record_delimiter: ["\r\n", "\n", "\r"],
    skip_empty_lines: true,
    max_record_size: MAX_ROW_BYTES,
  });
  // Whoever reads the parser gets the failure of either side.
  const feeding = pipeline(Readable.from(utf8Bytes(source)), parser).catch(() => undefined);
  try {
    yield* parser as AsyncIterable<readonly string[]>;
  } catch (error) {
    throw error instanceof CsvError ? explain(source.name, error) : error;
  } finally {
    parser.destroy();
    await feeding;
  }
}

/** Names the place alone: the parser's own messages quote cells, and a message must not hold data. */
function explain(file: string, error: CsvError): InputError {
  const line = Number(error.lines);
  // The parser counts the records that it has finished, and the header is one of them.
  const rowNumber = Number(error.records);
  const doubled = 'put the whole cell in quotes and write quotes inside it twice, as in "5"" pipe"';
  switch (error.code) {
    case "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH": {
      const cells = Array.isArray(error.record) ? error.record.length : 0;
      // Nowhere but in the message: "expect 2, got 3".
      const columns = Number(/expect (\d+)/.exec(error.message)?.[1]);
      return new RaggedRowError(file, { rowNumber, line, cells, columns });
    }
    case "CSV_MAX_RECORD_SIZE":
      return new RowTooLargeError(file, { rowNumber, maxBytes: MAX_ROW_BYTES });
    case "CSV_QUOTE_NOT_CLOSED":
      return new MalformedFileError(
        file,
        `row ${rowNumber} opens a quote that is never closed`,
        `close it, or ${doubled}`,
      );
    case "INVALID_OPENING_QUOTE":
      return new MalformedFileError(file, `a quote stands inside an unquoted cell on line ${line}`, doubled);
    case "CSV_INVALID_CLOSING_QUOTE":
      return new MalformedFileError(file, `text follows a closing quote on line ${line}`, doubled);
    default:
      return new MalformedFileError(file, `line ${line} cannot be parsed (${error.code})`, "export the file anew");
  }
}

/**
 * Reads CSV or TSV: the first record names the columns, all cells are strings as they stand in the file.
 *
 * @throws NotUtf8Error, NoHeaderError, RaggedRowError, MalformedFileError, RowTooLargeError
 */
export async function openDelimited(source: ByteSource, delimiter: Delimiter): Promise<Table> {
  const input = records(source, delimiter);
  const first = await input.next();
  const header: readonly string[] = first.done ? [] : first.value;
  if (looksLikeData(header)) {
    await input.return(undefined);
    throw new NoHeaderError(source.name, header);
  }
  const columns = columnNames(source.name, header);

  async function* rows(): Table["rows"] {
    let number = 0;
    for await (const record of input) {
      yield {
        number: ++number,
        cells: Object.fromEntries(columns.map((column, index) => [column, record[index] ?? ""])),
      };
    }
  }
  return { format: { kind: delimiter === "\t" ? "tsv" : "csv", delimiter }, columns, rows: rows() };
}
