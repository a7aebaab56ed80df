import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generated, readText as read, readAll } from "../testing/read-file.js";
import {
  EmptyFileError,
  MalformedFileError,
  NoHeaderError,
  NotUtf8Error,
  RaggedRowError,
  RowTooLargeError,
} from "./input-errors.js";
import { openTable } from "./open-table.js";

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
