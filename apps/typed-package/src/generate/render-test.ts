import type { Cell } from "../formats/table.js";
import { literal } from "./literals.js";
import { sampleRow, wrongCell } from "./sample-cells.js";
import { holdsText, type PackageSpec } from "./spec.js";

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** Rows as the text of a file of the source's kind. */
function fileOf(spec: PackageSpec, rows: readonly Readonly<Record<string, Cell>>[]): string {
  const { source, columns } = spec;
  if (source.kind === "ndjson") return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  if (source.kind === "json") return JSON.stringify(source.member === undefined ? rows : { [source.member]: rows });
  const line = (cells: readonly Cell[]) =>
    `${cells.map((cell) => quoted(String(cell))).join(source.delimiter ?? ",")}\n`;
  return (
    line(columns.map(({ name }) => name)) + rows.map((row) => line(columns.map(({ name }) => row[name] ?? ""))).join("")
  );
}

/** `src/index.test.ts` of the package. It uses made-up values only: Code never sees the file. */
export function renderTest(spec: PackageSpec): string {
  const inText = holdsText(spec.source);
  const { raw, expected } = sampleRow(spec.columns, inText);
  const row = raw as Readonly<Record<string, Cell>>;
  const wrong = spec.columns.flatMap((column) => {
    const cell = wrongCell(column);
    // In a text file every cell is text, so only what is wrong as text is wrong.
    if (cell === undefined || (inText && typeof cell !== "string")) return [];
    return [`  [${literal(column.name)}, ${literal(fileOf(spec, [row, { ...row, [column.name]: cell }]))}],`];
  });

  return `import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FileError, type ReadOptions, type Row, RowError, readRows } from "./index.js";

const GOOD = ${literal(fileOf(spec, [row, row]))};
const ROW: Row = ${expected};

/** For each column, a file whose second row has a wrong value in it. */
const WRONG: readonly (readonly [column: string, file: string])[] = [
${wrong.join("\n")}
];

async function read(chunks: Iterable<string | Uint8Array>, options?: ReadOptions): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of readRows(chunks, options)) rows.push(row);
  return rows;
}

describe("readRows", () => {
  it("gives typed rows", async () => {
    assert.deepEqual(await read([GOOD]), [ROW, ROW]);
  });

  it("gives the same rows however the bytes arrive, with or without a byte order mark", async () => {
    const bytes = new TextEncoder().encode(\`\\ufeff\${GOOD}\`);
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
    assert.deepEqual(await read(single), [ROW, ROW]);
    assert.deepEqual(await read([bytes]), [ROW, ROW]);
  });

  it("refuses a wrong value, naming row and column", async () => {
    for (const [column, file] of WRONG) {
      await assert.rejects(read([file]), (error: unknown) => {
        assert.ok(error instanceof RowError);
        assert.equal(error.rowNumber, 2);
        assert.ok(error.problems.some((problem) => problem.column === column || problem.column.startsWith(\`\${column}.\`)), error.message);
        return true;
      });
    }
  });

  it("leaves wrong rows out when asked to", async () => {
    for (const [, file] of WRONG) {
      const refused: number[] = [];
      assert.deepEqual(await read([file], { onInvalid: (error) => refused.push(error.rowNumber) }), [ROW]);
      assert.deepEqual(refused, [2]);
    }
  });

  it("refuses bytes that are not UTF-8", async () => {
    await assert.rejects(read([new TextEncoder().encode(GOOD), Uint8Array.of(0xff)]), FileError);
  });
});
`;
}
