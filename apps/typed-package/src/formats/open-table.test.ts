import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ByteSource, bytesOf } from "./byte-source.js";
import {
  EmptyFileError,
  InexactNumberError,
  MalformedFileError,
  NoHeaderError,
  NotRowsError,
  NotUtf8Error,
  RaggedRowError,
  RowTooLargeError,
} from "./input-errors.js";
import { openTable } from "./open-table.js";
import type { Row } from "./table.js";

async function readAll(source: ByteSource): Promise<Row["cells"][]> {
  const rows: Row["cells"][] = [];
  for await (const row of (await openTable(source)).rows) {
    expect(row.number).toBe(rows.length + 1);
    rows.push(row.cells);
  }
  return rows;
}

const read = (name: string, ...chunks: (string | Uint8Array)[]) => readAll(bytesOf(name, ...chunks));

/** A source of `bytes` bytes or more, made while it is read. `pulled` counts what was asked for. */
function generated(
  name: string,
  head: string,
  chunk: (index: number) => string,
  bytes: number,
): ByteSource & { pulled: number } {
  return {
    name,
    pulled: 0,
    async *open() {
      yield Buffer.from(head);
      for (let made = 0, index = 0; made < bytes; index++) {
        const part = Buffer.from(chunk(index));
        made += part.length;
        this.pulled = made;
        yield part;
      }
    },
  };
}

describe("CSV and TSV", () => {
  it("keeps every cell as it stands", async () => {
    expect(await read("a.csv", '\ufeffid,note\r\n007,"a ""b"", c\nd"\r\n,\n')).toEqual([
      { id: "007", note: 'a "b", c\nd' },
      { id: "", note: "" },
    ]);
  });

  it("reads every line end, also mixed, and no row from a blank line", async () => {
    expect(await read("a.csv", "a,b\n1,2\r\n3,4\r5,6\n\n")).toEqual([
      { a: "1", b: "2" },
      { a: "3", b: "4" },
      { a: "5", b: "6" },
    ]);
  });

  it("gives the cells that were written, however the bytes are cut", async () => {
    const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "é", "\t"), maxLength: 5 });
    const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 9 }),
        async (rows, size) => {
          const bytes = Buffer.from(["first,second", ...rows.map((row) => row.map(quote).join(","))].join("\r\n"));
          const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
            bytes.subarray(index * size, (index + 1) * size),
          );
          expect(await read("a.csv", ...chunks)).toEqual(rows.map(([first, second]) => ({ first, second })));
        },
      ),
    );
  });

  it("gives columns without a name, and with the same name, names of their own", async () => {
    expect(await read("a.csv", "id,,id\n1,2,3\n")).toEqual([{ id: "1", column_2: "2", id_2: "3" }]);
  });

  it("names the row and the line of a ragged row", async () => {
    const error = await read("a.csv", 'a,b\n"x\ny",2\n1,2,3\n').catch((e) => e);
    expect(error).toBeInstanceOf(RaggedRowError);
    expect(error.rowNumber).toBe(2);
    expect(error.message).toMatch(/a.csv: row 2 \(line 4\) has 3 cells, the header has 2; fill in or remove cells/);
    await expect(read("a.csv", "a,b\n1\n")).rejects.toThrow("row 1 (line 2) has 1 cell, the header has 2");
  });

  it("says where a quote is wrong, without quoting the data", async () => {
    await expect(read("a.csv", 'a,b\n5" secret,2\n')).rejects.toThrow(
      "a quote stands inside an unquoted cell on line 2",
    );
    await expect(read("a.csv", 'a,b\n"x" y,2\n')).rejects.toThrow("text follows a closing quote on line 2");
    await expect(read("a.csv", 'a,b\n"x,2\n3,4\n')).rejects.toThrow(
      /row 1 opens a quote that is never closed; close it/,
    );
    const error = await read("a.csv", 'a,b\n5" secret,2\n').catch((e) => e);
    expect(error).toBeInstanceOf(MalformedFileError);
    expect(error.message).not.toContain("secret");
  });

  it("refuses a file without a header, without rows, or with a column JavaScript cannot name", async () => {
    await expect(read("a.csv", "1,2.5\n3,4\n")).rejects.toThrow(NoHeaderError);
    await expect(read("a.csv", "a,b\n")).rejects.toThrow(EmptyFileError);
    await expect(read("a.csv", "__proto__,b\n1,2\n")).rejects.toThrow("a column is named __proto__; rename it");
  });

  it("accepts years as names of columns", async () => {
    expect(await read("a.csv", "1990,1991,country\n1,2,Chad\n")).toEqual([
      { "1990": "1", "1991": "2", country: "Chad" },
    ]);
  });

  it("stops at an unclosed quote long before the memory is full", async () => {
    const source = generated("a.csv", 'a,b\n"open,1\n', () => "1,2\n".repeat(16_384), 200_000_000);
    await expect(readAll(source)).rejects.toThrow(RowTooLargeError);
    expect(source.pulled).toBeLessThan(40_000_000);
  });

  it("reads no further than it is asked", async () => {
    const source = generated("a.csv", "a,b\n", () => "1,2\n".repeat(16_384), 200_000_000);
    const table = await openTable(source);
    for await (const row of table.rows) if (row.number === 200) break;
    expect(source.pulled).toBeLessThan(1_000_000);
  });
});

describe("JSON", () => {
  it("reads an array of objects", async () => {
    expect(await read("a.json", '[{"a":1,"b":[true,null]},', '{"a":"x","c":{"d":1.5}}]')).toEqual([
      { a: 1, b: [true, null] },
      { a: "x", c: { d: 1.5 } },
    ]);
  });

  it("reads the one array of objects inside an object, and says which", async () => {
    const text =
      '{"type":"FeatureCollection","bbox":[1,2],"meta":{"n":[{"x":1}]},"features":[{"a":1},{"a":2}],"tags":["t"]}';
    const table = await openTable(bytesOf("a.geojson", text));
    expect(table.member).toBe("features");
    const rows: unknown[] = [];
    for await (const row of table.rows) rows.push(row.cells);
    expect(rows).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it("does not guess between two arrays of objects", async () => {
    const error = await read("a.json", '{"nodes":[{"a":1}],"links":[{"b":2}]}').catch((e) => e);
    expect(error).toBeInstanceOf(NotRowsError);
    expect(error.message).toContain("two members are arrays of objects, nodes and links; take one of them out");
  });

  it("gives the rows that were written, however the bytes are cut", async () => {
    const row = fc.dictionary(
      fc.string().filter((name) => name !== "__proto__"),
      fc.jsonValue({ maxDepth: 3 }),
      { noNullPrototype: true },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 9 }),
        async (rows, size) => {
          const written = JSON.stringify(rows, null, size % 2);
          const bytes = Buffer.from(written);
          const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
            bytes.subarray(index * size, (index + 1) * size),
          );
          expect(await read("a.json", ...chunks)).toEqual(JSON.parse(written));
        },
      ),
    );
  });

  it("refuses what is not rows", async () => {
    await expect(read("a.json", "[1,2]")).rejects.toThrow("row 1 is a number, not an object");
    await expect(read("a.json", '[{"a":1},null]')).rejects.toThrow("row 2 is null, not an object");
    await expect(read("a.json", '"text"')).rejects.toThrow(NotRowsError);
    await expect(read("a.json", '{"a":{"b":1}}')).rejects.toThrow("no member is an array of objects; give an array");
    await expect(read("a.json", "[]")).rejects.toThrow(EmptyFileError);
  });

  it("refuses text that breaks off or goes on after the end", async () => {
    await expect(read("a.json", '[{"a":1},{"a":')).rejects.toThrow(MalformedFileError);
    await expect(read("a.json", '[{"a":1}')).rejects.toThrow(MalformedFileError);
    await expect(read("a.json", '[{"a":1}] trailing')).rejects.toThrow(MalformedFileError);
    await expect(read("a.json", '[{"a":1}]\n\n')).resolves.toHaveLength(1);
    await expect(read("a.json", "[{'a':1}]")).rejects.toThrow("check it with: jq empty FILE");
  });

  it("never rounds an integer silently", async () => {
    await expect(read("a.json", '[{"id":12345678901234567891}]')).rejects.toThrow(InexactNumberError);
    await expect(read("a.json", '[{"id":9007199254740993}]')).rejects.toThrow("9007199254740993");
    await expect(read("a.json", '[{"id":1e999}]')).rejects.toThrow(InexactNumberError);
    expect(await read("a.json", '[{"id":9007199254740992,"x":0.1000000000000000055}]')).toEqual([
      { id: 9007199254740992, x: 0.1 },
    ]);
  });

  it("stops at a row without an end long before the memory is full", async () => {
    const source = generated("a.json", '[{"a":1},{"b":"', () => "x".repeat(65_536), 200_000_000);
    await expect(readAll(source)).rejects.toThrow(RowTooLargeError);
    expect(source.pulled).toBeLessThan(40_000_000);
  });
});

describe("NDJSON", () => {
  it("reads one object a line, blank lines passed over", async () => {
    expect(await read("a.ndjson", '{"a":1}\r\n\n{"a":', '"é"}\n{"a":null}')).toEqual([
      { a: 1 },
      { a: "é" },
      { a: null },
    ]);
  });

  it("names the line that is not JSON, the row that is no object, and the integer that would be rounded", async () => {
    await expect(read("a.ndjson", '{"a":1}\n\n{"a":\n')).rejects.toThrow(
      "line 3 is not JSON; put one whole JSON object on each line",
    );
    await expect(read("a.ndjson", '{"a":1}\n[1]\n')).rejects.toThrow("row 2 is an array");
    await expect(read("a.ndjson", '{"a":"1234567890123456789"}\n{"a":1234567890123456789}\n')).rejects.toThrow(
      InexactNumberError,
    );
  });
});

describe("any file", () => {
  it("that is not UTF-8 is refused where the first wrong byte stands", async () => {
    const error = await read("a.csv", Buffer.from("name,x\nJosé,1\n", "latin1")).catch((e) => e);
    expect(error).toBeInstanceOf(NotUtf8Error);
    expect(error.byteOffset).toBe(10);
  });

  const words = "some words to fill a row ".repeat(16);
  it.each([
    ["csv", "a,b,c\n", (index: number) => `${index},${words},2020-01-01\n`.repeat(200)],
    ["ndjson", "", (index: number) => `{"a":${index},"b":"${words}","c":"2020-01-01"}\n`.repeat(200)],
    ["json", '[{"a":0}', (index: number) => `,{"a":${index},"b":"${words}","c":"2020-01-01"}`.repeat(200)],
  ])("of 200 MB streams in bounded memory (%s)", async (type, head, chunk) => {
    const source = generated(`a.${type}`, head, chunk, 200_000_000);
    const before = process.memoryUsage().rss;
    let most = 0;
    let count = 0;
    try {
      for await (const _row of (await openTable(source)).rows) {
        if (++count % 10_000 === 0) most = Math.max(most, process.memoryUsage().rss);
      }
    } catch (error) {
      // The JSON array is left open: it was read to its end.
      expect(type).toBe("json");
      expect(error).toBeInstanceOf(MalformedFileError);
    }
    expect(count).toBeGreaterThan(400_000);
    expect(most - before).toBeLessThan(150_000_000);
  });
});
