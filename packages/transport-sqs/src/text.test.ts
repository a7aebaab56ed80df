import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_REASON_CHARACTERS, REASON_BYTES } from "./limits.js";
import { acceptable, keptReason } from "./text.js";

/** What SQS takes, in its own words: #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF. */
function isTaken(character: string): boolean {
  const point = character.codePointAt(0) ?? 0;
  if (point === 0x9 || point === 0xa || point === 0xd) return true;
  return (point >= 0x20 && point <= 0xd7ff) || (point >= 0xe000 && point <= 0xfffd) || point >= 0x10000;
}

const anyText = fc.string({
  unit: fc.oneof(
    fc.nat(0xffff).map((unit) => String.fromCharCode(unit)),
    fc.nat(0x20).map((unit) => String.fromCharCode(unit)),
    fc.constantFrom("😀", "\ufffe", "\ud83d"),
  ),
});

describe("a text for SQS", () => {
  it("has no character that SQS refuses", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect([...acceptable(text)].filter((character) => !isTaken(character))).toEqual([]);
      }),
    );
  });

  it("is the same JSON, if it was JSON", () => {
    // As JSON may be written: without escapes for what JSON lets stand.
    const raw = anyText.map(
      (text) => `{"said":"${[...text].filter((each) => each >= " " && !/["\\]/.test(each)).join("")}"}`,
    );
    fc.assert(
      fc.property(raw, (json) => {
        expect(JSON.parse(acceptable(json))).toEqual(JSON.parse(json));
      }),
    );
  });

  it("is untouched where SQS takes it", () => {
    const text = 'naïve – ✓ 😀\t\n\r {"a":"\\u0000"}';
    expect(acceptable(text)).toBe(text);
  });
});

describe("a reason", () => {
  it("keeps its first 1,024 characters, and no half one", () => {
    expect(keptReason("x".repeat(5_000))).toBe("x".repeat(MAX_REASON_CHARACTERS));
    expect(keptReason(`${"x".repeat(MAX_REASON_CHARACTERS - 1)}😀`)).toBe("x".repeat(MAX_REASON_CHARACTERS - 1));
  });

  it("shows control characters as what they are", () => {
    expect(keptReason("\u001b[31mred\u0000")).toBe("\\u001b[31mred\\u0000");
  });

  it("that is empty is left out, since SQS takes no empty attribute", () => {
    expect(keptReason("")).toBeUndefined();
  });

  it("fits into what is set apart for it, whatever it says", () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1 }), (parts) => {
        const reason = keptReason(parts.join("").repeat(200)) ?? "";
        expect(Buffer.byteLength(reason) + "reasonString".length).toBeLessThanOrEqual(REASON_BYTES);
      }),
    );
  });
});
