import { describe, expect, it } from "vitest";
import {
  canonicalJson,
  createCodec,
  type Json,
  MAX_JSON_DEPTH,
  MAX_VALUE_DEPTH,
  parseJson,
  stringifyJson,
} from "./index.js";
import { hop, testCodec, textOf } from "./testing/round-trip.js";

const code = (name: string): unknown => expect.objectContaining({ code: name });
const tooDeep = code("CONTEXT_TOO_DEEP");
const tooLarge = code("CONTEXT_TOO_LARGE");

/** Wraps a value in so many levels. */
function nest(levels: number, wrap: (inside: unknown) => unknown): unknown {
  let value: unknown = 0;
  for (let level = 0; level < levels; level++) value = wrap(value);
  return value;
}

function depthOf(value: unknown, inside: (value: object) => unknown): number {
  let depth = 0;
  for (let next = value; typeof next === "object" && next !== null; next = inside(next)) depth++;
  return depth;
}

describe("depth", () => {
  it.each<[string, (inside: unknown) => unknown, (value: object) => unknown]>([
    ["arrays", (inside) => [inside], (value) => (value as unknown[])[0]],
    ["objects", (inside) => ({ a: inside }), (value) => (value as { a: unknown }).a],
    ["maps", (inside) => new Map([["a", inside]]), (value) => (value as Map<string, unknown>).get("a")],
    [
      "causes",
      (inside) => Object.assign(new Error("m"), { stack: "", cause: inside }),
      (value) => (value as Error).cause,
    ],
  ])("of 10,000 is kept in %s, and one more is refused at the sender", (_name, wrap, inside) => {
    expect(depthOf(hop(nest(MAX_VALUE_DEPTH, wrap)), inside)).toBe(MAX_VALUE_DEPTH);
    expect(() => testCodec.encode(nest(MAX_VALUE_DEPTH + 1, wrap))).toThrow(tooDeep);
  });

  it("of 10,000 shared maps takes no more JSON levels than a reader accepts", () => {
    const shared: unknown[] = [];
    const value = nest(MAX_VALUE_DEPTH - 1, (inside) => {
      const map = new Map([["a", inside]]);
      shared.push(map);
      return map;
    });
    const text = textOf([value, shared]);
    expect(() => parseJson(text)).not.toThrow();
    expect(textOf(testCodec.decode(parseJson(text)))).toBe(text);
  });

  it("of 200,000 is an error of ours, wherever it is met", () => {
    const value = nest(200_000, (inside) => [inside]);
    expect(() => testCodec.encode(value)).toThrow(tooDeep);
    expect(() => testCodec.decode(value as Json)).toThrow(tooDeep);
    expect(() => parseJson("[".repeat(200_000) + "]".repeat(200_000))).toThrow(tooDeep);
  });

  it("may be chosen", () => {
    const codec = createCodec({ maxDepth: 2 });
    expect(codec.decode(codec.encode([[1]]))).toEqual([[1]]);
    expect(() => codec.encode([[[]]])).toThrow(tooDeep);
    expect(() => codec.encode([[new Date(0)]])).toThrow(tooDeep);
    expect(() => codec.decode([[[]]])).toThrow(tooDeep);
    expect(() => parseJson("[[[]]]", { maxDepth: 2 })).toThrow(tooDeep);
    expect(parseJson('[["[[[{{{"]]', { maxDepth: 2 })).toEqual([["[[[{{{"]]);
  });

  it("is no matter for writing and for canonical JSON", () => {
    const value = nest(MAX_JSON_DEPTH, (inside) => ({ b: [inside] })) as Json;
    const text = `${'{"b":['.repeat(MAX_JSON_DEPTH)}0${"]}".repeat(MAX_JSON_DEPTH)}`;
    expect(stringifyJson(value) === text).toBe(true);
    expect(canonicalJson(value) === text).toBe(true);
  });
});

describe("size", () => {
  it.each<[string, unknown]>([
    ["text", "x".repeat(98)],
    ["text that is escaped", "\u0001".repeat(16)],
    ["text of more bytes than units", "é".repeat(49)],
    ["numbers", [-1.2345678901234568e-300, -1.2345678901234568e-300, 1e21]],
    ["keys", { [`k${"\n".repeat(40)}`]: 1 }],
    ["tags", [undefined, undefined, Number.NaN, 1n]],
    ["bytes", new Uint8Array(40)],
    ["lone surrogates", "\ud800\ud800a\ud800b"],
    ["references", ((shared) => [shared, shared])({})],
  ])("is exact to the byte, for %s", (_name, value) => {
    const size = Buffer.byteLength(textOf(value));
    const exact = createCodec({ maxBytes: size });
    expect(exact.decode(parseJson(textOf(value, exact), { maxBytes: size }))).toEqual(value);
    expect(() => createCodec({ maxBytes: size - 1 }).encode(value)).toThrow(tooLarge);
    expect(() => parseJson(textOf(value), { maxBytes: size - 1 })).toThrow(tooLarge);
  });

  it("of 64 MiB is the default", () => {
    const codec = createCodec();
    const most = "x".repeat(64 * 1024 * 1024 - 2);
    expect(codec.decode(codec.encode(most)) === most).toBe(true);
    expect(() => codec.encode(`${most}x`)).toThrow(tooLarge);
  });

  it("stops an endless value before memory is spent", () => {
    const codec = createCodec({ maxBytes: 1000 });
    const row = "x".repeat(100);
    expect(() => codec.encode(Array.from({ length: 1e6 }, () => row))).toThrow(tooLarge);
    expect(() => codec.decode(Array.from({ length: 1e6 }, () => row))).toThrow(tooLarge);
  });
});
