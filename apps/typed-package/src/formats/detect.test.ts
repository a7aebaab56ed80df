import { describe, expect, it } from "vitest";
import { detectFormat } from "./detect.js";
import { EmptyFileError, UnknownFileTypeError } from "./input-errors.js";

const detect = (name: string, text: string | Uint8Array) =>
  detectFormat(name, typeof text === "string" ? Buffer.from(text) : text);

describe("detectFormat", () => {
  it("goes by the extension", () => {
    expect(detect("a.csv", "x,y\n1,2\n")).toEqual({ kind: "csv", delimiter: "," });
    expect(detect("a.TSV", "x\ty\n1\t2\n")).toEqual({ kind: "tsv", delimiter: "\t" });
    expect(detect("a.json", '[{"x":1}]')).toEqual({ kind: "json" });
    expect(detect("a.geojson", '{"features":[]}')).toEqual({ kind: "json" });
    expect(detect("a.jsonl", '{"x":1}')).toEqual({ kind: "ndjson" });
  });

  it("finds the delimiter that spreadsheets of other countries write", () => {
    expect(detect("a.csv", "name;price\nTea;1,50\nMilk;0,99\n")).toEqual({ kind: "csv", delimiter: ";" });
    expect(detect("a.csv", "a|b|c\n1|2|3\n")).toEqual({ kind: "csv", delimiter: "|" });
  });

  it("does not count a delimiter inside quotes", () => {
    expect(detect("a.csv", 'name;note\nx;"a,b,c"\ny;"d,e,f"\n')).toEqual({ kind: "csv", delimiter: ";" });
  });

  it("takes a single column for CSV", () => {
    expect(detect("a.csv", "name\nTea\n")).toEqual({ kind: "csv", delimiter: "," });
  });

  it("lets the content outrank the name", () => {
    expect(detect("a.json", '{"x":1}\n{"x":2}\n')).toEqual({ kind: "ndjson" });
    expect(detect("a.ndjson", '[{"x":1},{"x":2}]')).toEqual({ kind: "json" });
    expect(detect("a.json", '{"x":1}\n')).toEqual({ kind: "json" });
  });

  it("looks at the content when the name says nothing", () => {
    expect(detect("a.txt", "x\ty\n1\t2\n")).toEqual({ kind: "tsv", delimiter: "\t" });
    expect(detect("data", '\ufeff[{"x":1}]')).toEqual({ kind: "json" });
    expect(detect("data", '{"x":1}\n{"x":2}')).toEqual({ kind: "ndjson" });
  });

  it("judges a file by its complete lines when the head ends within one", () => {
    expect(detect("a.csv", "x,y\n1,2\n3,4\n5;6;7;8;9")).toEqual({ kind: "csv", delimiter: "," });
  });

  it("refuses an empty file", () => {
    expect(() => detect("a.csv", "")).toThrow(EmptyFileError);
    expect(() => detect("a.json", "\ufeff \n\n")).toThrow(
      "a.json holds nothing but white space; give a file with at least one row",
    );
  });

  it("says what to do about files of another type", () => {
    const cases: readonly [string, Uint8Array, string][] = [
      ["a.csv.gz", Buffer.from([0x1f, 0x8b, 8, 0]), "gunzip"],
      ["a.csv", Buffer.from([0x50, 0x4b, 3, 4, 0, 0]), "save the sheet as CSV"],
      ["a.parquet", Buffer.from("PAR1"), "export it as CSV or NDJSON"],
      ["a.bin", Buffer.from([1, 0, 2, 0]), "export the data as CSV"],
      ["page.html", Buffer.from("<html>, <p>\n<a>, b"), "HTML or XML"],
      ["readme.md", Buffer.from("Just words\nand more words\n"), "text without columns"],
    ];
    for (const [name, bytes, words] of cases) {
      expect(() => detectFormat(name, bytes)).toThrow(UnknownFileTypeError);
      expect(() => detectFormat(name, bytes)).toThrow(words);
    }
  });
});
