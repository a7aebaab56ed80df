import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson, stringifyJson } from "./index.js";
import { arbitraryValue } from "./testing/arbitrary-value.js";
import { testCodec as codec, hop } from "./testing/round-trip.js";
import { difference } from "./testing/same-value.js";

describe("a value of any kind", () => {
  it("is the same after one hop", () => {
    fc.assert(
      fc.property(arbitraryValue, (value) => {
        expect(difference(value, hop(value))).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it("is the same after three hops", () => {
    fc.assert(
      fc.property(arbitraryValue, (value) => {
        expect(difference(value, hop(hop(hop(value))))).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it("is the same when its encoded form is itself encoded, three times deep", () => {
    fc.assert(
      fc.property(arbitraryValue, (value) => {
        const encoded = codec.encode(codec.encode(codec.encode(value)));
        const decoded = codec.decode(parseJson(stringifyJson(encoded)));
        expect(difference(value, codec.decode(codec.decode(decoded as never) as never))).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it("has one text, which encoding what was decoded gives again", () => {
    fc.assert(
      fc.property(arbitraryValue, (value) => {
        const text = stringifyJson(codec.encode(value));
        expect(stringifyJson(codec.encode(codec.decode(parseJson(text))))).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it("is not touched by encoding, and shares nothing with its JSON", () => {
    const value = { list: [1, { deep: true }], bytes: new Uint8Array([1]) };
    const json = codec.encode(value);
    value.list.push(2);
    (value.list[1] as { deep: boolean }).deep = false;
    value.bytes[0] = 9;
    expect(hop(codec.decode(json))).toEqual({ list: [1, { deep: true }], bytes: new Uint8Array([1]) });
    const [first, second] = [codec.decode(json), codec.decode(json)] as { list: unknown[] }[];
    first?.list.push("mine");
    expect(second?.list).toEqual([1, { deep: true }]);
    expect(stringifyJson(json)).toContain('"list":[1,{"deep":true}]');
  });
});
