import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Cell } from "../formats/table.js";
import { observation } from "./observation.js";
import { observer, tableObserver } from "./observe.js";
import { oddities } from "./oddities.js";

function observe(cells: readonly (Cell | undefined)[]) {
  const watching = observer();
  for (const cell of cells) watching.add(cell);
  return watching.result();
}

describe("an observation", () => {
  it("says of texts which types fit all of them", () => {
    expect(observe(["1", "20", "", "-3"]).text).toMatchObject({
      count: 4,
      empty: 1,
      numbers: { integers: true, min: -3, max: 20, leadingZeros: false, inexact: false },
      looks: { number: 3 },
    });
    expect(observe(["1", "2.5"]).text?.numbers).toMatchObject({ integers: false, max: 2.5 });
    expect(observe(["1", "x"]).text).not.toHaveProperty("numbers");
    expect(observe(["2020-01-01", "2020-02-30"]).text).not.toHaveProperty("dates");
    expect(observe(["a@b.org", "c.d@e.co"]).text?.formats).toEqual(["email"]);
  });

  it("leaves placeholders out of the judgement, and counts them", () => {
    expect(observe(["1", "NA", "2", "NA"]).text).toMatchObject({ placeholders: { NA: 2 }, numbers: { max: 2 } });
  });

  it("sees what a number would lose", () => {
    expect(observe(["007", "8"]).text?.numbers?.leadingZeros).toBe(true);
    expect(observe(["00501"]).text?.formats).toEqual(["digits"]);
    expect(observe(["12345678901234567891"]).text?.numbers?.inexact).toBe(true);
  });

  it("keeps both readings of a date until a row settles it", () => {
    expect(observe(["1/2/2020", "3/4/2020"]).text?.dates).toEqual(["M/D/YYYY", "D/M/YYYY"]);
    expect(observe(["1/2/2020", "13/4/2020"]).text?.dates).toEqual(["D/M/YYYY"]);
  });

  it("counts the exceptions among dates", () => {
    const seen = observe(["2020-01-01", "unknown", "2020-02-01", "2020-03-01"]).text;
    expect(seen).not.toHaveProperty("dates");
    expect(seen?.looks).toEqual({ date: 3, other: 1 });
  });

  it("counts different texts until they are too many to be an enumeration", () => {
    expect(observe(["b", "a", "b"]).text?.distinct).toEqual([
      ["b", 2],
      ["a", 1],
    ]);
    expect(observe(Array.from({ length: 40 }, (_, index) => `value ${index}`)).text).not.toHaveProperty("distinct");
  });

  it("sees the kinds of JSON values, also nested ones", () => {
    expect(observe([1, 2.5, null, undefined])).toMatchObject({
      rows: 4,
      absent: 1,
      nulls: 1,
      number: { count: 2, integers: 1, max: 2.5 },
    });
    expect(observe([{ a: 1 }, { a: "x", b: [true, null] }]).object).toMatchObject({
      count: 2,
      fields: {
        a: { number: { count: 1 }, text: { count: 1 } },
        b: { absent: 1, list: { items: { nulls: 1, boolean: { count: 1 } } } },
      },
    });
  });

  it("does not take a dictionary for a record", () => {
    const dictionary = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`key ${index}`, index]));
    expect(observe([dictionary]).object).toEqual({ count: 1 });
  });

  it("is plain data that its schema reads back unchanged, whatever the cells", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 4 })), (cells) => {
        const seen = observe(cells as Cell[]);
        expect(observation.parse(JSON.parse(JSON.stringify(seen)))).toEqual(JSON.parse(JSON.stringify(seen)));
      }),
    );
  });

  it("accounts for every row of every column, also of columns that come late", () => {
    const table = tableObserver();
    table.add({ a: 1 });
    table.add({ b: 2 });
    table.add({ a: null, b: 3 });
    const columns = table.result();
    expect([...columns.keys()]).toEqual(["a", "b"]);
    expect(columns.get("a")).toMatchObject({ rows: 3, absent: 1, nulls: 1 });
    expect(columns.get("b")).toMatchObject({ rows: 3, absent: 1, number: { count: 2 } });
  });
});

describe("oddities", () => {
  it("say in words what deserves a second look", () => {
    expect(oddities(observe([1776, "The Land Girls", null]))).toEqual(["values of several kinds: 1 text, 1 number"]);
    expect(oddities(observe(["1", "2", "three"]))).toEqual(["looks like 2 number, 1 other"]);
    expect(oddities(observe(["007", "NA", " 8"]))).toEqual([
      'words that may mean "no value": "NA" × 1',
      "1 with white space around them",
      "leading zeros, which a number would lose",
    ]);
    expect(oddities(observe(["1/2/2020"]))).toContain("dates that can be read day first and month first");
    expect(oddities(observe([null, null]))).toEqual(["never a value"]);
  });
});
