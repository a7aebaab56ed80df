import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generated, readText as read, readAll } from "../testing/read-file.js";
import { bytesOf } from "./byte-source.js";
import {
  EmptyFileError,
  InexactNumberError,
  MalformedFileError,
  NotRowsError,
  RowTooLargeError,
} from "./input-errors.js";
import { openTable } from "./open-table.js";

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
