import { describe, expect, it } from "vitest";
import { onlyBooleanWords, onlyDatePattern, onlyNumberStyle } from "./conclusions.js";
import type { TextObservation } from "./observation.js";
import { observer } from "./observe.js";

function observe(...texts: string[]): TextObservation {
  const watching = observer();
  for (const text of texts) watching.add(text);
  const seen = watching.result().text;
  if (!seen) throw new Error("no text was seen");
  return seen;
}

describe("what may be concluded from a column of texts", () => {
  it("is a number style only where there is one way to read every number", () => {
    expect(onlyNumberStyle(observe("1", "2.5"))).toEqual({ decimal: ".", group: "", prefix: "", suffix: "" });
    expect(onlyNumberStyle(observe("1,234", "5"))).toBeUndefined();
    expect(onlyNumberStyle(observe("1,234", "5.5"))).toMatchObject({ decimal: ".", group: "," });
    expect(onlyNumberStyle(observe("1.234", "5,5"))).toMatchObject({ decimal: ",", group: "." });
    expect(onlyNumberStyle(observe("$5", "$1,000.50"))).toMatchObject({ group: ",", prefix: "$" });
    expect(onlyNumberStyle(observe("$5", "5"))).toBeUndefined();
  });

  it("is no number where digits would be lost", () => {
    expect(onlyNumberStyle(observe("007", "8"))).toBeUndefined();
    expect(onlyNumberStyle(observe("12345678901234567891", "1.5"))).toBeUndefined();
    expect(onlyNumberStyle(observe("12345678901234567891", "2"))).toBeDefined();
  });

  it("is a date pattern only where a row tells day from month", () => {
    expect(onlyDatePattern(observe("1/2/2020"))).toBeUndefined();
    expect(onlyDatePattern(observe("1/2/2020", "1/13/2020"))).toBe("M/D/YYYY");
    expect(onlyDatePattern(observe("1/2/2020", "13/1/2020"))).toBe("D/M/YYYY");
    expect(onlyDatePattern(observe("5 Jan 2020"))).toBe("D MMM YYYY");
    expect(onlyDatePattern(observe("1.2.2020"))).toBe("D.M.YYYY");
  });

  it("is a boolean only where both words are there, or one that cannot mean anything else", () => {
    expect(onlyBooleanWords(observe("Y", "N", "Y"))).toEqual({ yes: ["Y"], no: ["N"] });
    expect(onlyBooleanWords(observe("Y", "Y"))).toBeUndefined();
    expect(onlyBooleanWords(observe("TRUE"))).toEqual({ yes: ["TRUE"], no: ["FALSE"] });
    expect(onlyBooleanWords(observe("False", "NA"))).toEqual({ yes: ["True"], no: ["False"] });
    expect(onlyBooleanWords(observe("yes", "maybe"))).toBeUndefined();
    expect(onlyBooleanWords(observe("no", "off"))).toBeUndefined();
  });
});
