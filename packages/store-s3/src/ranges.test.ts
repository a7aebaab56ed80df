import fc from "fast-check";
import { expect, it } from "vitest";
import { cut, rangeHeader } from "./ranges.js";

const ranges = fc.tuple(fc.nat(40), fc.nat(40)).map(([start, length]) => ({ start, end: start + length }));

/** What a server answers to a range that begins before the end. */
function answer(bytes: Uint8Array, header: string): Uint8Array {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  return bytes.slice(Number(first), Number(last) + 1);
}

it("a range yields the same bytes whether the server heeds it or answers with the whole object", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 50 }), ranges, (bytes, range) => {
      fc.pre(range.start < bytes.length);
      const expected = bytes.slice(range.start, range.end);
      expect(cut(answer(bytes, rangeHeader(range)), range, false)).toEqual(expected);
      expect(cut(bytes, range, true)).toEqual(expected);
    }),
  );
});
