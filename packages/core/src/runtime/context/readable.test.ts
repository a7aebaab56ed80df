import { describe, expect, it } from "vitest";
import { readableJson } from "./readable.js";

const shown = (value: unknown): unknown => JSON.parse(readableJson(value));

/** Arrays in one another, the innermost of which holds a text. */
function nested(levels: number): unknown {
  let value: unknown = "end";
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

describe("a value for people and models", () => {
  it("is indented JSON where that says all", () => {
    const value = { a: [1, "two", true, null], b: {} };
    expect(readableJson(value)).toBe(JSON.stringify(value, undefined, 2));
  });

  it("shows 64 levels, and names what is nested deeper", () => {
    expect(readableJson(nested(64))).not.toContain("(nested deeper)");
    expect(readableJson(nested(64))).toContain('"end"');
    expect(readableJson(nested(65))).toContain('"(nested deeper)"');
    expect(readableJson(nested(65))).not.toContain('"end"');
  });

  it("counts the levels of maps and objects too", () => {
    const inside = (wrap: (value: unknown) => unknown, levels: number): string => {
      let value: unknown = "end";
      for (let level = 0; level < levels; level++) value = wrap(value);
      return readableJson(value);
    };
    expect(inside((value) => ({ a: value }), 64)).toContain('"end"');
    expect(inside((value) => ({ a: value }), 65)).toContain("(nested deeper)");
    expect(inside((value) => new Map([["a", value]]), 32)).toContain('"end"');
    expect(inside((value) => new Map([["a", value]]), 33)).toContain("(nested deeper)");
    expect(inside((value) => new Map([[value, 1]]), 33)).toContain("(nested deeper)");
  });

  it("shows a part that occurs twice twice, and says where it goes round", () => {
    const part = { a: 1 };
    const value = { first: part, list: [part, part], self: {} };
    value.self = value;
    expect(shown(value)).toEqual({ first: part, list: [part, part], self: "(a cycle)" });
  });

  it("shows an error's own properties beside its name, its message and its cause", () => {
    expect(shown(Object.assign(new RangeError("far"), { limit: 3 }))).toEqual({
      name: "RangeError",
      message: "far",
      limit: 3,
    });
    expect(shown(new Error("out", { cause: "why" }))).toEqual({ name: "Error", message: "out", cause: "why" });
    expect(shown({ name: "no error", message: "m", cause: "c" })).toEqual({
      name: "no error",
      message: "m",
      cause: "c",
    });
  });

  it("shows infinities, and binary data of every sort by its size", () => {
    expect(shown([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 1.5])).toEqual([
      "Infinity",
      "-Infinity",
      "-0",
      0,
      1.5,
    ]);
    expect(shown([new ArrayBuffer(7), new DataView(new ArrayBuffer(3)), new Uint8Array(2)])).toEqual([
      "(7 bytes)",
      "(3 bytes)",
      "(2 bytes)",
    ]);
  });

  it("is cut where there is no room left, and says so", () => {
    const mebibyte = 1024 * 1024;
    expect(readableJson("x".repeat(4 * mebibyte - 2))).not.toContain("(more)");
    const cut = readableJson("x".repeat(4 * mebibyte + 1));
    expect(cut).toHaveLength(4 * mebibyte + '"… (more)"'.length);
    expect(shown(["x".repeat(5 * mebibyte), 1, 2])).toEqual([expect.stringMatching(/x… \(more\)$/), "(more)"]);
    expect(shown({ a: "x".repeat(5 * mebibyte), b: 1, c: 2 })).toEqual({
      a: expect.stringMatching(/x… \(more\)$/),
      "(more)": true,
    });
    // Names take room too.
    const names = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`${"n".repeat(mebibyte)}${index}`, 1]));
    expect(Object.keys(shown(names) as object).length).toBeLessThan(6);
  });
});
