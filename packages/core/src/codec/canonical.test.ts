import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, canonicalValue, createCodec, type Json } from "./index.js";
import { arbitraryValue } from "./testing/arbitrary-value.js";
import { hop, testCodec } from "./testing/round-trip.js";

const code = (name: string): unknown => expect.objectContaining({ code: name });

/** The definition of RFC 8785, in its plainest form. */
function reference(json: Json): string {
  if (typeof json !== "object" || json === null) return JSON.stringify(json);
  if (Array.isArray(json)) return `[${json.map(reference).join(",")}]`;
  const object = json as { readonly [key: string]: Json };
  const names = Object.keys(object).sort((a, b) => (a < b ? -1 : 1));
  return `{${names.map((name) => `${JSON.stringify(name)}:${reference(object[name] as Json)}`).join(",")}}`;
}

describe("canonical JSON", () => {
  it("is what RFC 8785 says", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (json) => {
        expect(canonicalJson(json as Json)).toBe(reference(json as Json));
      }),
    );
  });

  it("does not depend on the order in which an object was filled", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const reversed = Object.fromEntries(Object.entries(object).reverse());
        expect(canonicalJson(reversed as Json)).toBe(canonicalJson(object as Json));
      }),
    );
  });

  it("refuses what RFC 8785 cannot write", () => {
    for (const json of [Number.NaN, Infinity, "\ud800", { "\udc00": 1 }]) {
      expect(() => canonicalJson(json as Json)).toThrow(code("NOT_SERIALIZABLE"));
    }
  });
});

describe("the canonical text of a value", () => {
  const canonical = (value: unknown, maxBytes?: number): string =>
    canonicalValue(testCodec, value, maxBytes === undefined ? {} : { maxBytes });

  it("is the canonical JSON of what the codec writes", () => {
    expect(canonical({ b: 1n, a: [undefined, new Date(0)] })).toBe(
      '{"a":[{"$ah":"undefined"},{"$ah":"date","value":"1970-01-01T00:00:00.000Z"}],"b":{"$ah":"bigint","value":"1"}}',
    );
  });

  it("is the same however parts are shared", () => {
    const part = { x: [1] };
    const shared = { b: part, a: new Map([["k", part]]), c: [part.x, part] };
    const copied = { c: [[1], { x: [1] }], a: new Map([["k", { x: [1] }]]), b: { x: [1] } };
    expect(canonical(shared)).toBe(canonical(copied));
    expect(canonical(shared)).not.toContain('"ref"');
  });

  it("is the same after a hop, for every value without a cycle", () => {
    fc.assert(
      fc.property(arbitraryValue, (value) => {
        let before: string;
        try {
          before = canonical(value, 1e6);
        } catch (error) {
          expect(error).toEqual(code("NOT_SERIALIZABLE"));
          return;
        }
        expect(canonical(hop(value), 1e6)).toBe(before);
      }),
    );
  });

  it("is not to be had of a cycle, and says where it closes", () => {
    const cyclic: Record<string, unknown> = { list: [] };
    (cyclic.list as unknown[]).push({ back: cyclic });
    expect(() => canonical(cyclic)).toThrow(
      expect.objectContaining({ code: "NOT_SERIALIZABLE", path: "$.list[0].back" }),
    );
  });

  it("is bounded in bytes, though sharing makes it exponentially longer than the value", () => {
    let bomb: unknown = "x";
    for (let level = 0; level < 100; level++) bomb = [bomb, bomb];
    expect(() => canonical(bomb)).toThrow(code("CONTEXT_TOO_LARGE"));
    expect(canonical("éé", 6)).toBe('"éé"');
    expect(() => canonical("éé", 5)).toThrow(code("CONTEXT_TOO_LARGE"));
  });

  it("leaves user data alone that looks like a reference", () => {
    const value = [
      { $ah: "def", id: 0, value: [1] },
      { $ah: "ref", id: 0 },
    ];
    expect(canonical(value)).toBe(canonicalJson(createCodec().encode(value)));
  });
});
