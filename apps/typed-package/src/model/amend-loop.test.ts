import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkPackage } from "../check/check-package.js";
import { summarize } from "../check/report.js";
import { bytesOf } from "../formats/byte-source.js";
import { InputError } from "../formats/input-errors.js";
import { openTable } from "../formats/open-table.js";
import { generatePackage } from "../generate/generate.js";
import type { PackageSpec } from "../generate/spec.js";
import { tableObserver } from "../profile/observe.js";
import { amend } from "./amend.js";
import { decideColumn } from "./decide.js";

interface Given {
  readonly file: string;
  readonly text: string;
  readonly sample: number;
}

/** As often as QA may hand back: each column is amended three times at most, and then accepts everything. */
const MOST_ROUNDS = 5;

/** What Research, Code and QA do, without the relay between them. Resolves to the number of rounds. */
async function settle({ file, text, sample }: Given): Promise<number> {
  const input = bytesOf(file, text);
  const table = await openTable(input);
  const inText = "delimiter" in table.format;
  const observer = tableObserver(0, table.columns ?? []);
  for await (const row of table.rows) {
    observer.add(row.cells);
    if (row.number === sample) break;
  }
  let columns = [...observer.result()].map(([name, seen]) => decideColumn(name, seen, inText));
  const amended = new Map<string, number>();
  for (let round = 1; ; round++) {
    const { kind } = table.format;
    const source = { file, kind, ...("delimiter" in table.format && { delimiter: table.format.delimiter }) };
    const spec: PackageSpec = { name: "typed-rows", source, rowsSampled: sample, columns };
    const report = await checkPackage({ files: await generatePackage(spec), spec, input });
    expect(report.compileErrors).toEqual([]);
    expect(report.testFailure).toBeUndefined();
    expect(report.fileError).toBeUndefined();
    if (report.passed) return round;
    expect(round, summarize(report)).toBeLessThan(MOST_ROUNDS);
    const changes = amend(columns, report.columns, amended, inText);
    for (const { column } of report.columns) amended.set(column, (amended.get(column) ?? 0) + 1);
    const changed = new Map(changes.columns.map((column) => [column.name, column]));
    const added = changes.columns.filter(({ name }) => !columns.some((column) => column.name === name));
    columns = [
      ...columns
        .filter(({ name }) => !changes.remove.includes(name))
        .map((column) => changed.get(column.name) ?? column),
      ...added,
    ];
  }
}

/** Texts from real files that a type is easily wrong about. */
const odd = fc.oneof(
  fc.constantFrom(
    "",
    "1",
    "-3",
    "007",
    "1.5",
    "1,234",
    "1.234,5",
    "$5",
    "$1,000.50",
    "12%",
    "NA",
    "null",
    " 7",
    "+5",
    "-0",
    "1e5",
    "1e999",
  ),
  fc.constantFrom(
    "2020-01-02",
    "2020-02-30",
    "1/2/2020",
    "13/2/2020",
    "Jan 5 1999",
    "3.4.2020",
    "2020-01-02T03:04:05Z",
    "01/02/03",
  ),
  fc.constantFrom(
    "true",
    "FALSE",
    "Y",
    "N",
    "a@b.org",
    "https://x.org/a",
    "12345678901234567890",
    "00501",
    "x",
    "é",
    "a\nb",
    'q"q',
  ),
  fc.string({ maxLength: 8 }),
);
const column = fc.oneof(
  fc.array(odd, { minLength: 6, maxLength: 6 }),
  fc
    .uniqueArray(odd, { minLength: 1, maxLength: 3 })
    .chain((few) => fc.array(fc.constantFrom(...few), { minLength: 30, maxLength: 30 })),
);
const names = fc.uniqueArray(
  fc.oneof(
    fc.constantFrom("id", "a.b", "class", "constructor", "toString", '"q"', "a*/b", "a,b"),
    fc.string({ minLength: 1, maxLength: 5 }),
  ),
  { minLength: 2, maxLength: 5, selector: (name) => name.trim() },
);
const sample = fc.integer({ min: 1, max: 5 });

const csv: fc.Arbitrary<Given> = fc
  .tuple(names, fc.array(column, { minLength: 5, maxLength: 5 }), sample)
  .map(([header, columns, rowsSampled]) => {
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const cell = (row: number, index: number) => columns[index]?.[row % (columns[index]?.length ?? 1)] ?? "";
    const rows = Array.from({ length: 30 }, (_, row) => header.map((_name, index) => cell(row, index)));
    return {
      file: "a.csv",
      text: [header, ...rows].map((row) => row.map(quoted).join(",")).join("\n"),
      sample: rowsSampled,
    };
  });

const value = fc.oneof(odd, fc.constantFrom(null, 1, -1, 0.5, 1e21, true, false), fc.jsonValue({ maxDepth: 2 }));
const member = fc.constantFrom("id", "a.b", "x y", "constructor", "n");
const json: fc.Arbitrary<Given> = fc
  .tuple(
    fc.array(fc.dictionary(member, value, { minKeys: 1, maxKeys: 5, noNullPrototype: true }), {
      minLength: 1,
      maxLength: 20,
    }),
    sample,
  )
  .map(([rows, rowsSampled]) => ({ file: "a.json", text: JSON.stringify(rows), sample: rowsSampled }));

describe("handing back", () => {
  it.each([
    ["CSV", csv],
    ["JSON", json],
  ])(
    "comes to an end in a package that passes, whatever the %s file and however small the sample",
    async (_, files) => {
      await fc.assert(
        fc.asyncProperty(files, async (given) => {
          await settle(given).catch((error: unknown) => {
            // A file that nobody can read (a first line of numbers, say) is refused before anything is made of it.
            if (!(error instanceof InputError)) throw error;
          });
        }),
        // Each round compiles a package.
        { numRuns: 6 },
      );
    },
  );
});
