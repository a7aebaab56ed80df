import { describe, expect, it } from "vitest";
import { numberStylesOf, plainNumber } from "./number-styles.js";

const read = (text: string) => [...new Set(numberStylesOf(text).map((style) => plainNumber(text, style)))];

describe("number styles", () => {
  it("read plain numbers", () => {
    expect(read("12")[0]).toBe("12");
    expect(read("-0.5")).toEqual(["-0.5"]);
    expect(read(".097")).toEqual([".097"]);
    expect(read("1e-7")).toEqual(["1e-7"]);
    expect(read("+3.0")[0]).toBe("3.0");
  });

  it("read thousands, decimal commas and units", () => {
    expect(read("1,234,567.89")).toEqual(["1234567.89"]);
    expect(read("1.234.567,89")).toEqual(["1234567.89"]);
    expect(read("12,5")).toContain("12.5");
    expect(read("1 234,5")).toEqual(["1234.5"]);
    expect(read("1'234.5")).toEqual(["1234.5"]);
    expect(read("$1,234")).toContain("1234");
    expect(read("-$5.50")).toEqual(["-5.50"]);
    expect(read("12.5%")).toEqual(["12.5"]);
    expect(numberStylesOf("3,50 €")[0]).toMatchObject({ decimal: ",", suffix: " €" });
  });

  it("tell when a text can be read in two ways", () => {
    expect(read("1,234")).toEqual(["1234", "1.234"]);
  });

  it("do not fit other text", () => {
    for (const text of ["", "-", "abc", "1-2", "1,23,4", "12 apples", "1.2.3", "0x1f", "$", "%", "1e", "Infinity"])
      expect(read(text)).toEqual([]);
  });
});
