import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HandoffError } from "../errors/index.js";
import { type Json, parseJson, stringifyJson } from "./index.js";
import { isExactNumber } from "./json-number.js";
import { difference } from "./testing/same-value.js";

const damaged = expect.objectContaining({ code: "CONTEXT_INTEGRITY" });

describe("parsing JSON", () => {
  it("gives what JSON.parse gives, for what JSON.stringify wrote", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.nat({ max: 4 }), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), null, indent);
        expect(difference(JSON.parse(spaced), parseJson(spaced))).toBeUndefined();
      }),
    );
  });

  it("refuses exactly what JSON.parse refuses, beside duplicate names and inexact numbers", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...'{}[]",:\\u001-. \ntn')), (characters) => {
        const text = characters.join("");
        expect(isAccepted(() => parseJson(text))).toBe(isAccepted(() => JSON.parse(text)) && !/[01]{16}/.test(text));
      }),
    );
  });

  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"b":{"c":1,"c":2}}',
    '[{"a":[],"\\u0061":{}}]',
    '{"__proto__":1,"__proto__":2}',
    '{"a\\"":1,"b":2,"a\\u0022":1}',
    '{"":0,"":0}',
    '{"1":0,"b":0,"1":0}',
  ])("refuses a name that occurs twice in an object: %s", (text) => {
    expect(() => parseJson(text)).toThrow(damaged);
  });

  it.each([
    '[{"a":1},{"a":1}]',
    '{"a":{"a":{"a":1}}}',
    '{"a":"\\",\\"a\\":1"}',
    '{"a":["a","a"]}',
    '{"\\\\":1,"b":"\\\\"}',
  ])("is not misled by names in other places: %s", (text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it("keeps an own __proto__ as data", () => {
    const parsed = parseJson('{"__proto__":{"x":1}}') as object;
    expect(Object.keys(parsed)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
  });

  it("tells where a text breaks, and never what it says", () => {
    for (const text of ['{"password":"hunter2",}', '["hunter2"', "hunter2", '["hunter2",12345678901234567890]']) {
      const error = errorOf(() => parseJson(text));
      expect(error.message).not.toContain("hunter2");
      expect(error.cause).toBeUndefined();
    }
    expect(errorOf(() => parseJson("[1,12345678901234567890]")).message).toContain("at character 3");
  });

  it("bounds the depth of what is not JSON too, before a parser sees it", () => {
    for (const text of ["[".repeat(1e6), '{"a":'.repeat(1e6), `${"[".repeat(1e6)}"`, `${"[".repeat(1e6)}"\\`]) {
      expect(() => parseJson(text)).toThrow(expect.objectContaining({ code: "CONTEXT_TOO_DEEP" }));
    }
  });

  it.each([
    "",
    " ",
    '"',
    '"\\"',
    '"\\',
    '{"a\\"',
    "-",
    "-e",
    "1e",
    "1111111111111111111e",
    '"a\\"b',
    "[1",
    "\ufeff{}",
    "{'a':1}",
    "[1,]",
    "NaN",
    "01",
    "+1",
    "1.",
    ".5",
    "[1] 2",
    '"\t"',
    "undefined",
  ])("refuses what is not JSON: %j", (text) => {
    expect(() => parseJson(text)).toThrow(damaged);
  });
});

describe("numbers", () => {
  it.each([
    "12345678901234567890",
    "9007199254740993",
    "-9007199254740993",
    "0.1234567890123456789",
    "1e400",
    "-1e400",
    "1e-400",
  ])("refuses %s, which a float64 does not hold", (text) => {
    expect(() => parseJson(`{"a":[${text}]}`)).toThrow(damaged);
    expect(() => parseJson(text)).toThrow(damaged);
  });

  it.each([
    ...["0", "-0", "0.0", "0e5", "0.000e-999999999999", "1.50", "100", "1E3", "1e+3", "12e-1", "9007199254740992"],
    ...[
      "9007199254740994",
      "18446744073709551616",
      "1e23",
      "1.7976931348623157e308",
      "5e-324",
      "0.1",
      "0.10000000000000001",
    ],
    "0.1000000000000000055511151231257827021181583404541015625",
  ])("accepts %s", (text) => {
    expect(Object.is(parseJson(text), Number(text))).toBe(true);
  });

  it("accepts every float64 in whichever way it is written out exactly", () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.integer({ min: 1, max: 100 }),
        (number, digits) => {
          for (const text of [String(number), number.toExponential(), number.toPrecision(digits)]) {
            // toPrecision with few digits can round up beyond what a float64 reaches.
            if (Number.isFinite(Number(text))) expect([text, isExactNumber(text)]).toEqual([text, true]);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("refuses numbers that are longer than any float64 needs, without spending time on them", () => {
    for (const text of [
      `1${"0".repeat(5e5)}1`,
      `0.${"0".repeat(5e5)}1`,
      `1e${"9".repeat(1e5)}`,
      `0.${"10".repeat(2e5)}`,
    ]) {
      expect(() => parseJson(text)).toThrow(damaged);
    }
  });

  it("refuses every odd integer beyond 2^53, since a float64 holds none", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 2n ** 52n, max: 5n * 10n ** 16n - 1n }), (half) => {
        expect(isExactNumber(String(2n * half + 1n))).toBe(false);
        expect(isExactNumber(`-${2n * half + 1n}.0`)).toBe(false);
      }),
    );
  });
});

describe("writing JSON", () => {
  it("gives what JSON.stringify gives, at any depth", () => {
    let deep: Json = { "": [] };
    for (let level = 0; level < 20_000; level++)
      deep = level % 2 === 0 ? [1, deep, "é\u2028\n"] : { a: null, "\ud800": deep };
    const text = stringifyJson(deep);
    expect(() => JSON.stringify(deep)).toThrow(RangeError);
    expect(text.slice(0, 30)).toBe('{"a":null,"\\ud800":[1,{"a":nul');
    expect(stringifyJson(parseJson(text)) === text).toBe(true);
  });
});

function isAccepted(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}

function errorOf(parse: () => unknown): HandoffError {
  try {
    parse();
  } catch (error) {
    if (HandoffError.isInstance(error)) return error;
  }
  throw new Error("was accepted");
}

describe("the depth of a JSON text", () => {
  const damagedDepth = expect.objectContaining({ code: "CONTEXT_TOO_DEEP" });

  it.each(["[[1,[2]],[3]]", '{"a":{"b":[]},"c":{}}', '[{"a":[{}]}]', "[]", "1"])(
    "is that of what stands open at once, to the level: %s",
    (text) => {
      const json = JSON.parse(text) as Json;
      const depthOf = (value: unknown): number =>
        typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
      const depth = depthOf(json);
      expect(parseJson(text, { maxDepth: depth })).toEqual(json);
      if (depth > 0) expect(() => parseJson(text, { maxDepth: depth - 1 })).toThrow(damagedDepth);
    },
  );

  it("and its names are not looked for in strings, wherever quotes and backslashes stand in those", () => {
    for (let gap = 0; gap < 70; gap++) {
      const x = "x".repeat(gap);
      for (const text of [`"${x}"[[{{:`, `${x}\\${x}"[[{{:`, `"${x}\\"${x}"[[::`, `"${x}"${x}"{{"${x}\\`])
        expect(parseJson(JSON.stringify([text, { [text]: text }]), { maxDepth: 2 })).toEqual([text, { [text]: text }]);
    }
  });
});
