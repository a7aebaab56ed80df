import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf } from "../../formats/byte-source.js";
import { openTable } from "../../formats/open-table.js";
import { DATE_PATTERNS } from "../../profile/date-patterns.js";
import { numberStylesOf, plainNumber } from "../../profile/number-styles.js";
import { number } from "./cells.js";
import { dateReader } from "./dates.js";
import { delimitedRows } from "./delimited.js";
import { FileError } from "./errors.js";
import { jsonRows } from "./json.js";
import { ndjsonRows } from "./ndjson.js";

async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

function cut(text: string, size: number): Uint8Array[] {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

const size = fc.integer({ min: 1, max: 9 });

/** What a reader made of a text: its rows, or that it refused. */
const outcome = async <T>(rows: AsyncIterable<T>) => collect(rows).catch(() => "refused" as const);

/** The app's own reader, which uses another parser. */
async function* independent(name: string, text: string) {
  for await (const row of (await openTable(bytesOf(name, text))).rows) yield row.cells;
}

describe("the loader's readers", () => {
  it("agree with another CSV parser on any text, also on what is no CSV", async () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", '"', ",", "\n", "\r\n", "\r", " ", "é"), maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(text, size, async (body, pieces) => {
        const file = `first,second\n${body}`;
        const expected = await outcome(independent("a.csv", file));
        const rows = await outcome(delimitedRows(cut(file, pieces), { delimiter: ",", columns: ["first", "second"] }));
        // A file without rows is for the app to refuse; to the loader it is just empty.
        expect(rows).toEqual(expected === "refused" && Array.isArray(rows) && rows.length === 0 ? [] : expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it("read columns in any order and refuse a file that lacks one", async () => {
    const read = (text: string) => collect(delimitedRows([text], { delimiter: ",", columns: ["a", "b", "a_2"] }));
    expect(await read("b,a,a\n1,2,3\n")).toEqual([{ b: "1", a: "2", a_2: "3" }]);
    await expect(read("a,a\n1,2\n")).rejects.toThrow('the header lacks "b"');
    await expect(read("")).rejects.toThrow("the file is empty");
    await expect(read("a,b,a\n1,2\n")).rejects.toThrow("row 1 has 2 cells, the header has 3");
  });

  it("give what JSON.parse gives, however a JSON array is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue({ maxDepth: 3 })),
        fc.constantFrom(undefined, "rows", 'a"b'),
        size,
        async (rows, member, pieces) => {
          const value =
            member === undefined
              ? rows
              : { before: ["rows", member, { rows: [1] }], s: "[", [member]: rows, after: { x: [{}] } };
          const text = JSON.stringify(value, null, pieces % 3);
          const options = member === undefined ? {} : { member };
          expect(await collect(jsonRows(cut(text, pieces), options))).toEqual(JSON.parse(JSON.stringify(rows)));
        },
      ),
    );
  });

  it("refuse what is not JSON, wherever it breaks", async () => {
    for (const text of ["[1,]", "[1,,2]", '[{"a":1]}', "[1] x", "[1", "{}", '"x"', "]", '["a]', "", "[1}"]) {
      await expect(collect(jsonRows([text])), text).rejects.toThrow(FileError);
    }
    await expect(collect(jsonRows(['{"other":[]}'], { member: "rows" }))).rejects.toThrow(
      "the JSON lacks the array rows",
    );
  });

  it("give one value for each line of NDJSON", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue()),
        fc.constantFrom("\n", "\r\n", "\n\n"),
        size,
        async (rows, end, pieces) => {
          const text = rows.map((row) => JSON.stringify(row) + end).join("");
          expect(await collect(ndjsonRows(cut(text, pieces)))).toEqual(JSON.parse(JSON.stringify(rows)));
        },
      ),
    );
    await expect(collect(ndjsonRows(["1\n{"]))).rejects.toThrow("row 2 is not JSON");
  });

  it("stop at a row that never ends", async () => {
    const endless = (start: string) =>
      (function* chunks() {
        yield start;
        for (let index = 0; index < 400; index++) yield "x".repeat(65_536);
      })();
    await expect(collect(delimitedRows(endless('a\n"'), { delimiter: ",", columns: ["a"] }))).rejects.toThrow(
      "never closed",
    );
    await expect(collect(jsonRows(endless('["')))).rejects.toThrow("never closed");
    await expect(collect(ndjsonRows(endless('"')))).rejects.toThrow("longer than a row may be");
  });
});

describe("the loader's cells", () => {
  const dateText = fc
    .tuple(
      fc.constantFrom("2001", "99", "0004", "68"),
      fc.constantFrom("-", "/", ".", " "),
      fc.constantFrom("1", "02", "12", "13", "Feb", "june", "June", "31", "0"),
      fc.constantFrom("3", "03", "29", "30", "31", "32", "2000"),
      fc.constantFrom(
        "",
        " 0:00",
        " 12:05",
        " 23:59:59",
        "T23:59:60",
        "T04:05:06.7Z",
        "T04:05:06+02:00",
        " 12:30 AM",
        " 13:00 pm",
        "Z",
      ),
    )
    .map(([a, gap, b, c, time]) => [
      `${a}${gap}${b}${gap}${c}${time}`,
      `${b}${gap}${c}${gap}${a}${time}`,
      `${b} ${c}, ${a}${time}`,
    ])
    .chain((texts) => fc.constantFrom(...texts));

  it("read every date as another implementation does", () => {
    fc.assert(
      fc.property(dateText, fc.constantFrom(...DATE_PATTERNS), (text, pattern) => {
        expect(dateReader(pattern.pattern)(text)?.getTime()).toBe(pattern.parse(text));
      }),
      { numRuns: 20_000 },
    );
  });

  it("read every number as another implementation does", () => {
    const text = fc.string({
      unit: fc.constantFrom("1", "0", "234", ",", ".", "-", "+", " ", "'", "$", "%", "e5"),
      maxLength: 6,
    });
    fc.assert(
      fc.property(text, (given) => {
        const trimmed = given.trim();
        for (const style of numberStylesOf(trimmed)) {
          const digits = plainNumber(trimmed, style);
          const result = number({ style }).safeParse(trimmed);
          // A leading zero is refused: the number would lose it.
          expect(result.success ? result.data : "refused").toBe(/^-?0\d/.test(digits) ? "refused" : Number(digits));
        }
      }),
      { numRuns: 5_000 },
    );
  });
});
