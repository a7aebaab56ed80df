import { describe, expect, it } from "vitest";
import { NotSerializableError } from "../errors/index.js";
import { joinPath, quote, segment } from "./path.js";
import { Box } from "./testing/recipe.js";
import { testCodec } from "./testing/round-trip.js";

const pathTo = (value: unknown): string => {
  try {
    testCodec.encode(value);
  } catch (error) {
    if (error instanceof NotSerializableError) return error.path;
    throw error;
  }
  throw new Error("was encoded");
};
const bad = () => {};

describe("the path of what cannot be kept", () => {
  it("is written as a program would write it", () => {
    expect([0, 7, "name", "$x", "_a1", "été"].map(segment)).toEqual(["[0]", "[7]", ".name", ".$x", "._a1", ".été"]);
    expect(["", "1a", "a b", "a-b", "a.b", 'say "x"', "a\n"].map(segment)).toEqual([
      '[""]',
      '["1a"]',
      '["a b"]',
      '["a-b"]',
      '["a.b"]',
      '["say \\"x\\""]',
      '["a\\n"]',
    ]);
  });

  it("cuts names of more than 80 characters", () => {
    expect(segment("n".repeat(80))).toBe(`.${"n".repeat(80)}`);
    expect(segment("n".repeat(81))).toBe(`["${"n".repeat(80)}…"]`);
    expect(quote("n".repeat(80))).toBe(`"${"n".repeat(80)}"`);
  });

  it("shows the first and the last 32 steps of more than 64, and says how many are left out", () => {
    const steps = (count: number) => Array.from({ length: count }, (_, index) => `[${index}]`);
    expect(joinPath([])).toBe("$");
    expect(joinPath(steps(64))).toBe(`$${steps(64).join("")}`);
    expect(joinPath(steps(67))).toBe(`$${steps(32).join("")} … 3 more … ${steps(67).slice(35).join("")}`);
  });

  it.each<[string, unknown]>([
    ['$.get("a")', new Map([["a", bad]])],
    [
      "$<key 1>",
      new Map<unknown, unknown>([
        ["a", 1],
        [bad, 2],
      ]),
    ],
    [
      "$<value 1>",
      new Map<unknown, unknown>([
        ["a", 1],
        [7, bad],
      ]),
    ],
    ["$<value 0>[1]", new Map([[7, [1, bad]]])],
    ["$<item 2>", new Set<unknown>([1, 2, bad])],
    ["$<item 1>.deep", new Set<unknown>([1, { deep: bad }])],
    ["$[5]", Object.assign(Array(9), { 5: bad })],
    ["$.name", Object.assign([1], { name: bad })],
    ["$.a.b", Object.assign(Object.create(null), { a: { b: bad } })],
    ["$.$ah", { $ah: bad }],
    ["$.content.x", new Box({ x: bad })],
    ["$.cause", new Error("m", { cause: bad })],
    ["$.errors[1]", new AggregateError([1, bad])],
    // The engine puts a stack into words when it is first read, from a message that cannot be.
    ["$.stack", Object.defineProperty(new Error("m"), "message", { value: Symbol("s") })],
    ["$.own", Object.assign(new Error("m"), { first: 1, own: bad })],
    ["$.own[0]", Object.assign(new Error("m"), { first: [1], own: [bad] })],
    ["$.secret.x", Object.defineProperty(Object.assign(new Error("m"), { own: 1 }), "secret", { value: { x: bad } })],
    ["$.code", Object.defineProperty(new DOMException("m"), "code", { value: bad, enumerable: true })],
  ])("leads there: %s", (path, value) => {
    expect(pathTo(value)).toBe(path);
    expect(pathTo({ here: [value] })).toBe(path.replace("$", "$.here[0]"));
  });
});
