import TokenParser from "@streamparser/json/tokenparser.js";
import { z } from "zod";
import type { ByteSource } from "./byte-source.js";
import { refuseReservedName } from "./column-names.js";
import { ExactTokenizer } from "./exact-tokenizer.js";
import { EmptyFileError, InputError, MalformedFileError, NotRowsError, RowTooLargeError } from "./input-errors.js";
import { type Cell, MAX_ROW_BYTES, type Row, type Table } from "./table.js";
import { utf8Bytes } from "./utf8.js";

const cell: z.ZodType<Cell> = z.custom<Cell>();
const jsonObject: z.ZodType<Record<string, Cell>> = z.record(z.string(), cell);

/** Checks that a parsed value is a row. Values come from a JSON parser, so their parts need no check of their own. */
export function toRow(file: string, value: unknown, number: number): Row {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const found = value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
    throw new NotRowsError(
      file,
      `row ${number} is ${found}, not an object`,
      "give every row as an object with named members",
    );
  }
  const cells = value as Record<string, Cell>;
  for (const name of Object.keys(cells)) refuseReservedName(file, name);
  return { number, cells };
}

type Found = { readonly member: string | undefined; readonly value: unknown };

/**
 * Pushes bytes in, gives the elements of the arrays that may be the table: those of the outermost array, or those of
 * each array that is a direct member of the outermost object.
 */
function elementParser(file: string, root: "array" | "object"): { write(bytes: Uint8Array): Found[]; end(): Found[] } {
  let found: Found[] = [];
  let consumed = 0;
  let lastEnd = 0;
  let rows = 0;
  const tokenizer = new ExactTokenizer(file);
  const parser = new TokenParser({ paths: [root === "array" ? "$.*" : "$.*.*"], keepStack: false });
  tokenizer.onToken = (token) => parser.write(token);
  const rethrow = (error: Error) => {
    throw error;
  };
  tokenizer.onError = rethrow;
  parser.onError = rethrow;
  // Without this the parser's end, reached at the last bracket, would not stop text that follows it.
  parser.onEnd = () => tokenizer.end();
  parser.onValue = ({ value, parent, stack }) => {
    lastEnd = consumed;
    if (!Array.isArray(parent)) return;
    rows++;
    found.push({ member: root === "array" ? undefined : String(stack[1]?.key), value });
  };
  const take = () => {
    const taken = found;
    found = [];
    return taken;
  };
  const guard = (parse: () => void): Found[] => {
    try {
      parse();
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new MalformedFileError(
        file,
        `the JSON breaks off or is wrong near byte ${consumed}`,
        "check it with: jq empty FILE",
        {
          cause: error,
        },
      );
    }
    return take();
  };
  return {
    write(bytes) {
      const result = guard(() => tokenizer.write(bytes));
      consumed += bytes.length;
      if (consumed - lastEnd > MAX_ROW_BYTES)
        throw new RowTooLargeError(file, { rowNumber: rows + 1, maxBytes: MAX_ROW_BYTES });
      return result;
    },
    end: () =>
      guard(() => {
        if (!parser.isEnded) throw new Error("the text ended before the last bracket was closed");
      }),
  };
}

/**
 * Reads a JSON file that is an array of objects, or an object of which exactly one member is such an array (GeoJSON's
 * `features`, an API's `data`). Other members are passed over.
 *
 * @throws NotUtf8Error, NotRowsError, MalformedFileError, InexactNumberError, EmptyFileError, RowTooLargeError
 */
export async function openJson(source: ByteSource): Promise<Table & { readonly member: string | undefined }> {
  const input = elements(source);
  const first = await nextRow(input, source.name, undefined);
  if (first === undefined) throw nothingFound(source.name, await startOf(source));
  const member = first.member;

  async function* rows(): Table["rows"] {
    try {
      let number = 1;
      for (let next: Found | undefined = first; next !== undefined; next = await nextRow(input, source.name, member)) {
        yield toRow(source.name, next.value, number++);
      }
    } finally {
      await input.return(undefined);
    }
  }
  return { format: { kind: "json" }, columns: undefined, member, rows: rows() };
}

function nothingFound(file: string, start: string | undefined): InputError {
  if (start === "[") return new EmptyFileError(file, "has no rows");
  const advice =
    "give an array of objects; a dictionary of records becomes one with: jq '[to_entries[] | {key} + .value]' FILE";
  return new NotRowsError(file, "no member is an array of objects", advice);
}

async function startOf(source: ByteSource): Promise<string | undefined> {
  for await (const bytes of utf8Bytes(source)) {
    const [start] = bytes.toString("latin1").trimStart();
    if (start !== undefined) return start;
  }
  return undefined;
}

const isObject = (value: unknown): boolean => jsonObject.safeParse(value).success && !Array.isArray(value);

/** The next element of the table; elements of other arrays are passed over unless they are objects too. */
async function nextRow(
  input: AsyncGenerator<Found>,
  file: string,
  member: string | undefined,
): Promise<Found | undefined> {
  for (let next = await input.next(); !next.done; next = await input.next()) {
    const found = next.value;
    if (found.member === member) return found;
    if (!isObject(found.value)) continue;
    if (member === undefined) return found;
    throw new NotRowsError(
      file,
      `two members are arrays of objects, ${member} and ${found.member}`,
      `take one of them out, for example: jq '.["${member}"]' FILE > ROWS.json`,
    );
  }
  return undefined;
}

async function* elements(source: ByteSource): AsyncGenerator<Found> {
  let parser: ReturnType<typeof elementParser> | undefined;
  for await (const bytes of utf8Bytes(source)) {
    if (parser === undefined) {
      const start = bytes.toString("latin1").trimStart()[0];
      if (start === undefined) continue;
      if (start !== "[" && start !== "{") {
        throw new NotRowsError(source.name, "the JSON is neither an array nor an object", "give an array of objects");
      }
      parser = elementParser(source.name, start === "[" ? "array" : "object");
    }
    yield* parser.write(bytes);
  }
  if (parser) yield* parser.end();
}
