import { describe, expect, it } from "vitest";
import { bytesOf } from "../formats/byte-source.js";
import { InputError } from "../formats/input-errors.js";
import { generatePackage } from "../generate/generate.js";
import type { ColumnSpec, PackageSpec } from "../generate/spec.js";
import { checkPackage } from "./check-package.js";
import { qaReport, summarize } from "./report.js";

const CSV = ["id,price,when,kind,note", "1,1.50,2020-01-02,a,x", "2,,2020-01-03,b,", "3,2,2020-01-04,a,y"].join("\n");

const COLUMNS: readonly ColumnSpec[] = [
  { name: "id", value: { kind: "integer", min: 0 }, nullable: false },
  { name: "price", value: { kind: "number" }, nullable: true, nulls: [""] },
  { name: "when", value: { kind: "date", pattern: "YYYY-MM-DD" }, nullable: false },
  { name: "kind", value: { kind: "enum", values: ["a", "b"] }, nullable: false },
  { name: "note", value: { kind: "text" }, nullable: true, nulls: [""] },
];

const JSON_COLUMNS: readonly ColumnSpec[] = [
  { name: "id", value: { kind: "integer" }, nullable: false },
  { name: "tags", value: { kind: "list", items: { value: { kind: "text" }, nullable: false } }, nullable: true },
];

function csvSpec(changes: Readonly<Record<string, Partial<ColumnSpec>>> = {}): PackageSpec {
  const columns = COLUMNS.map((column) => ({ ...column, ...changes[column.name] }));
  return { name: "typed-rows", source: { file: "a.csv", kind: "csv", delimiter: "," }, rowsSampled: 2, columns };
}

function jsonSpec(columns: readonly ColumnSpec[]): PackageSpec {
  return { name: "typed-rows", source: { file: "a.json", kind: "json" }, rowsSampled: 2, columns };
}

async function check(spec: PackageSpec, text: string) {
  const files = await generatePackage(spec);
  const report = await checkPackage({ files, spec, input: bytesOf(spec.source.file, text) });
  // It travels from agent to agent as text.
  expect(qaReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(JSON.parse(JSON.stringify(report)));
  return report;
}

describe("checkPackage", () => {
  it("passes a package that gives every value of the file and refuses every corrupted row", async () => {
    const report = await check(csvSpec(), CSV);
    expect(report).toMatchObject({
      passed: true,
      rows: 3,
      rowsAccepted: 3,
      compileErrors: [],
      columns: [],
      plainText: ["note"],
    });
    expect(report.corrupted.refused).toBe(report.corrupted.tried);
    expect(report.corrupted.tried).toBeGreaterThanOrEqual(4);
    expect(summarize(report)).toMatch(/^all 3 rows match value for value, and \d+ corrupted rows were refused$/);
  });

  it("says for each column what its rows hold beyond the type, with rows, examples and the whole column", async () => {
    const report = await check(
      csvSpec({ kind: { value: { kind: "enum", values: ["a"] } }, price: { nullable: false, nulls: undefined } }),
      CSV,
    );
    expect(report).toMatchObject({ passed: false, rows: 3, rowsAccepted: 2 });
    expect(report.columns).toEqual([
      expect.objectContaining({ column: "price", problem: "refused", rows: 1, examples: [{ row: 2, value: '""' }] }),
      expect.objectContaining({ column: "kind", problem: "refused", rows: 1, examples: [{ row: 2, value: '"b"' }] }),
    ]);
    expect(report.columns[1]?.observed?.text?.distinct).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
    expect(summarize(report)).toContain("price: expected a number (1 row)");
  });

  it("finds values that the loader changes", async () => {
    const report = await check(csvSpec({ kind: { nullable: true, nulls: ["b"] } }), CSV);
    expect(report.columns).toMatchObject([
      { column: "kind", problem: "changed", rows: 1, examples: [{ row: 2, value: '"b"' }] },
    ]);
  });

  it("does not accept a type that is looser than the file", async () => {
    const report = await check(csvSpec({ id: { value: { kind: "text" } }, when: { value: { kind: "text" } } }), CSV);
    expect(report.columns).toMatchObject([
      { column: "id", problem: "too_loose", message: "every text in it is a number" },
      { column: "when", problem: "too_loose", message: "every text in it is a date" },
    ]);
  });

  it("does not accept a guess between day first and month first", async () => {
    const ambiguous = CSV.replaceAll(/2020-01-0(\d)/g, "0$1/02/2020");
    const report = await check(csvSpec({ when: { value: { kind: "date", pattern: "M/D/YYYY" } } }), ambiguous);
    expect(report.columns).toMatchObject([{ column: "when", problem: "ambiguous" }]);
  });

  it("finds columns that only one side has", async () => {
    const lacking = csvSpec();
    const report = await check({ ...lacking, columns: lacking.columns.filter(({ name }) => name !== "note") }, CSV);
    expect(report.columns).toMatchObject([{ column: "note", problem: "unknown_column", rows: 3 }]);
    const more = await check(
      { ...lacking, columns: [...lacking.columns, { name: "extra", value: { kind: "text" }, nullable: true }] },
      CSV,
    );
    expect(more).toMatchObject({ passed: false, fileError: 'the header lacks "extra"' });
    expect(more.columns).toMatchObject([{ column: "extra", problem: "missing_column" }]);
  });

  it("finds a schema that lets a corrupted value through", async () => {
    const spec = csvSpec();
    const files = await generatePackage(spec);
    const schema =
      files["src/schema.ts"]?.replace(/kind: z\.enum\(.*\)/, 'kind: z.string() as unknown as z.ZodType<"a" | "b">') ??
      "";
    expect(schema).not.toBe(files["src/schema.ts"]);
    const report = await checkPackage({
      files: { ...files, "src/schema.ts": schema },
      spec,
      input: bytesOf("a.csv", CSV),
    });
    expect(report.columns).toContainEqual(expect.objectContaining({ column: "kind", problem: "accepts_corrupted" }));
    expect(report.testFailure).toContain("refuses a wrong value");
  });

  it("finds a loader that loses or adds rows", async () => {
    const spec = csvSpec();
    const files = await generatePackage(spec);
    const lossy =
      files["src/check-rows.ts"]?.replace("rowNumber++;", "rowNumber++;\n    if (rowNumber === 3) return;") ?? "";
    const report = await checkPackage({
      files: { ...files, "src/check-rows.ts": lossy },
      spec,
      input: bytesOf("a.csv", CSV),
    });
    expect(report).toMatchObject({ passed: false, fileError: "it gave 2 rows and no more" });
  });

  it("reports code that does not compile, and runs nothing then", async () => {
    const spec = csvSpec();
    const files = { ...(await generatePackage(spec)), "src/wrong.ts": "export const wrong: number = 'text';" };
    const report = await checkPackage({ files, spec, input: bytesOf("a.csv", CSV) });
    expect(report).toMatchObject({ passed: false, rows: 0, compileErrors: [{ file: "src/wrong.ts", line: 1 }] });
  });

  it("compares nested JSON value for value", async () => {
    const text = JSON.stringify([
      { id: 1, tags: ["a", "b"] },
      { id: 2, tags: null },
      { id: 3, tags: [] },
    ]);
    const report = await check(jsonSpec(JSON_COLUMNS), text);
    expect(report).toMatchObject({ passed: true, rows: 3 });
    const wrong = await check(jsonSpec(JSON_COLUMNS), text.replace('"b"', "7"));
    expect(wrong.columns).toMatchObject([
      { column: "tags", problem: "refused", rows: 1, examples: [{ row: 1, value: '["a",7]' }] },
    ]);
  });

  it("tells names with dots from nested members", async () => {
    const columns: ColumnSpec[] = [{ name: "a.b", value: { kind: "integer" }, nullable: false }, ...JSON_COLUMNS];
    const report = await check(
      jsonSpec(columns),
      JSON.stringify([
        { "a.b": 1.5, id: 1, tags: null },
        { "a.b": 2, id: 2, tags: null },
      ]),
    );
    expect(report.columns).toMatchObject([{ column: "a.b", problem: "refused", rows: 1 }]);
  });

  it("says what is wrong with the file itself", async () => {
    await expect(check(csvSpec(), `${CSV}\n4,5\n`)).rejects.toThrow(InputError);
  });

  it("stops when it is told to", async () => {
    const spec = csvSpec();
    const files = await generatePackage(spec);
    await expect(
      checkPackage({ files, spec, input: bytesOf("a.csv", CSV), signal: AbortSignal.abort() }),
    ).rejects.toThrow(/abort/i);
  });
});
