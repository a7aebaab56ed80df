import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryText } from "../codec/testing/arbitrary-value.js";
import { InvalidIdError } from "../errors/index.js";
import {
  ANY_TASK_ID_PATTERN,
  derivedTaskId,
  MAX_HOP,
  parseAnyTaskId,
  parseRelayId,
  parseTaskId,
  TASK_ID_PATTERN,
} from "./ids.js";
import { arbitraryTaskId } from "./testing/arbitraries.js";

const parsers = { parseTaskId, parseAnyTaskId, parseRelayId };

const hostile: readonly unknown[] = [
  "../other",
  "..",
  ".",
  ".hidden",
  "%2e%2e%2f",
  "a/b",
  "a\\b",
  "/a",
  "a/",
  "caf\u00e9", // NFC
  "cafe\u0301", // its NFD twin
  "a\u202eb", // turns what follows around
  "a\u200bb", // has no width
  "\uff41", // a full-width a
  "\u0430", // a Cyrillic a
  "\ud800",
  "a\0",
  "a\n",
  "\na",
  "a\r\n",
  "a b",
  " a",
  "a ",
  "",
  "-a",
  "_a",
  "a:b",
  "a*",
  "$a",
  "a".repeat(128),
  undefined,
  null,
  0,
  true,
  {},
  ["a"],
  new String("a"),
  { toString: () => "a" },
];

describe("ids", () => {
  it.each(Object.entries(parsers))("%s refuses every hostile id by name, and does not repeat it", (_, parse) => {
    for (const id of hostile) {
      let error: unknown;
      try {
        parse(id);
      } catch (caught) {
        error = caught;
      }
      expect(error, JSON.stringify(id)).toBeInstanceOf(InvalidIdError);
      expect(error).toMatchObject({ code: "INVALID_ID", retryable: false });
      if (typeof id === "string" && id.length > 2) expect((error as Error).message).not.toContain(id);
    }
  });

  it.each([
    ["a task id", parseTaskId, /[A-Za-z0-9_-]/, /[A-Za-z0-9]/, 64],
    ["any task id", parseAnyTaskId, /[A-Za-z0-9_.-]/, /[A-Za-z0-9]/, 127],
    ["a relay id", parseRelayId, /[a-z0-9-]/, /[a-z0-9]/, 63],
  ] as const)("%s is exactly what its grammar says", (_, parse, character, initial, longest) => {
    const inAlphabet = fc.string({ unit: fc.constantFrom(..."aZ0-_.~/\n\u00e9"), maxLength: 6 });
    const long = fc.nat({ max: 130 }).map((length) => "a".repeat(length));
    fc.assert(
      fc.property(fc.oneof(inAlphabet, long, arbitraryText({ maxLength: 4 })), (id) => {
        const units = id.split("");
        const valid =
          units.length >= 1 &&
          units.length <= longest &&
          initial.test(units[0] ?? "") &&
          units.every((unit) => character.test(unit));
        if (valid) expect(parse(id)).toBe(id);
        else expect(() => parse(id)).toThrow(InvalidIdError);
      }),
      { numRuns: 2_000 },
    );
  });

  it("keep derived tasks apart from each other and from any that a user can name", () => {
    const request = fc.tuple(arbitraryTaskId, fc.nat(), fc.nat());
    fc.assert(
      fc.property(request, request, ([parent, hop, index], other) => {
        const id = derivedTaskId(parent, hop, index);
        expect(id).toMatch(ANY_TASK_ID_PATTERN);
        expect(id).not.toMatch(TASK_ID_PATTERN);
        expect(id === derivedTaskId(...other)).toBe([parent, hop, index].join() === other.join());
      }),
    );
  });

  it("write a derived task as its parent, hop and number, and hash what would be too long", () => {
    expect(derivedTaskId("orders-42", 3, 0)).toBe("orders-42.3.0");
    expect(derivedTaskId("orders-42.3.0", 5, 12)).toBe("orders-42.3.0.5.12");
    const longest = derivedTaskId("a".repeat(123), 1, 2);
    expect(longest).toBe(`${"a".repeat(123)}.1.2`);
    const hashed = derivedTaskId("a".repeat(127), MAX_HOP, 0);
    expect(hashed).toMatch(/^x\.[0-9a-f]{64}$/);
    expect(derivedTaskId(hashed, 1, 1)).toBe(`${hashed}.1.1`);
  });

  it("never hash a hostile parent into a valid id", () => {
    expect(() => derivedTaskId("../other", 0, 0)).toThrow(InvalidIdError);
  });
});
