import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryText } from "../codec/testing/arbitrary-value.js";
import { shorten } from "./shorten.js";

describe("a shortened text", () => {
  it("is the text itself where that fits", () => {
    expect(shorten("four", 4)).toBe("four");
    expect(shorten("", 0)).toBe("");
  });

  it("says that it was cut, within the length", () => {
    expect(shorten("fives", 4)).toBe("fiv…");
  });

  it("is never cut within a character", () => {
    expect(shorten("ab😀cd", 4)).toBe("ab…");
    expect(shorten("ab😀cd", 5)).toBe("ab😀…");
    // A half that was one before stays where it does no harm: in the middle.
    expect(shorten("\ud83dabcd", 4)).toBe("\ud83dab…");
  });

  it("is a beginning of the text, well-formed where the text was, whatever it is and however short it must be", () => {
    fc.assert(
      fc.property(arbitraryText({ maxLength: 12 }), fc.integer({ min: 1, max: 14 }), (text, most) => {
        const short = shorten(text, most);
        expect(short.length).toBeLessThanOrEqual(most);
        expect(Buffer.from(short).toString()).toBe(short);
        if (text.length <= most) expect(short).toBe(text);
        else expect(text.startsWith(short.slice(0, -1)) && short.endsWith("…")).toBe(true);
      }),
    );
  });
});
