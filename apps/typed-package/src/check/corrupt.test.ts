import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Cell } from "../formats/table.js";
import { isPlainText, type SourceSpec } from "../generate/spec.js";
import { decideColumn } from "../model/decide.js";
import { observer } from "../profile/observe.js";
import { corruptions, fileWithRow } from "./corrupt.js";

function observe(cells: readonly Cell[]) {
  const watching = observer();
  for (const cell of cells) watching.add(cell);
  return watching.result();
}

const corruptionsOf = (source: SourceSpec, cells: readonly Cell[]) => {
  const seen = observe(cells);
  const column = decideColumn("x", seen, source.kind === "csv");
  return { column, values: corruptions(source, [column], new Map([["x", seen]])).map(({ value }) => value) };
};

const CSV: SourceSpec = { file: "a.csv", kind: "csv", delimiter: ";" };
const JSON_FILE: SourceSpec = { file: "a.json", kind: "json", member: "rows" };

describe("corruptions", () => {
  it("are there for every column that is not plain text, and no row of the file holds them", () => {
    const text = fc.oneof(
      fc.constantFrom("1", "2.5", "2020-01-01", "true", "false", "a@b.org", "007", ""),
      fc.string(),
    );
    const value = fc.oneof(text, fc.jsonValue({ maxDepth: 2 })) as fc.Arbitrary<Cell>;
    const cases = fc.oneof(
      fc.tuple(fc.constant(CSV), fc.array(text, { minLength: 1 })),
      fc.tuple(fc.constant(JSON_FILE), fc.array(value, { minLength: 1 })),
    );
    fc.assert(
      fc.property(cases, ([source, cells]) => {
        const { column, values } = corruptionsOf(source, cells);
        if (!isPlainText(column.value)) expect(values.length).toBeGreaterThan(0);
        for (const corrupted of values) expect(cells).not.toContainEqual(corrupted);
      }),
    );
  });

  it("include values that are only just wrong", () => {
    expect(corruptionsOf(CSV, ["1", "2"]).values).toEqual(["~corrupted~", "1.5", ""]);
    expect(corruptionsOf(JSON_FILE, [1, 2]).values).toEqual(["~corrupted~", 0.5, null]);
    expect(corruptionsOf(JSON_FILE, ["x", true, null]).values).toEqual([0.5]);
  });

  it("stand in a file of the source's own format", () => {
    expect(fileWithRow(CSV, ["a", "b"], { a: 'x"y', b: "" })).toBe('"a";"b"\n"x""y";""\n');
    expect(fileWithRow(JSON_FILE, [], { a: 1 })).toBe('{"rows":[{"a":1}]}');
  });
});
