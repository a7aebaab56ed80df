import type { ByteSource } from "./byte-source.js";
import { ExactTokenizer } from "./exact-tokenizer.js";
import { MalformedFileError, RowTooLargeError } from "./input-errors.js";
import { toRow } from "./json.js";
import { MAX_ROW_BYTES, type Table } from "./table.js";
import { utf8Bytes } from "./utf8.js";

const LINE_FEED = 0x0a;

async function* lines(source: ByteSource): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  let held = 0;
  let number = 1;
  for await (const bytes of utf8Bytes(source)) {
    let from = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, from)) {
      yield Buffer.concat([...rest, bytes.subarray(from, end)]).toString("utf8");
      number++;
      rest = [];
      held = 0;
      from = end + 1;
    }
    // The rest is copied: a stream may use its buffer again.
    rest.push(Buffer.from(bytes.subarray(from)));
    held += bytes.length - from;
    if (held > MAX_ROW_BYTES) throw new RowTooLargeError(source.name, { rowNumber: number, maxBytes: MAX_ROW_BYTES });
  }
  if (held > 0) yield Buffer.concat(rest).toString("utf8");
}

/** `JSON.parse` silently rounds integers beyond 2^53; only a line that may hold one is looked at twice. */
function refuseInexactNumbers(file: string, line: string): void {
  if (!/\d{16}|[eE]\+?\d{3}/.test(line)) return;
  const tokenizer = new ExactTokenizer(file);
  tokenizer.onToken = () => undefined;
  tokenizer.onError = (error) => {
    throw error;
  };
  tokenizer.write(line);
}

/**
 * Reads NDJSON (JSON Lines): one object a line, blank lines passed over.
 *
 * @throws NotUtf8Error, MalformedFileError, NotRowsError, InexactNumberError, RowTooLargeError
 */
export function openNdjson(source: ByteSource): Table {
  async function* rows(): Table["rows"] {
    let number = 0;
    let lineNumber = 0;
    for await (const line of lines(source)) {
      lineNumber++;
      if (line.trim() === "") continue;
      number++;
      let value: unknown;
      try {
        value = JSON.parse(line);
      } catch (cause) {
        throw new MalformedFileError(
          source.name,
          `line ${lineNumber} is not JSON`,
          "put one whole JSON object on each line",
          { cause },
        );
      }
      refuseInexactNumbers(source.name, line);
      yield toRow(source.name, value, number);
    }
  }
  return { format: { kind: "ndjson" }, columns: undefined, rows: rows() };
}
