import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { guessCover, MAX_MERGED_BYTES, planMerge, type Span } from "./merge-plan.js";

type Segment = Span & { bytes: number };

/** A writer that merges as planned, or one that has not hydrated and writes its own hop alone. */
interface Hop {
  readonly bytes: number;
  readonly merges: boolean;
}

/** What is stored after each hop, and how many bytes were written in all. */
function write(hops: Iterable<Hop>, maxBytes?: number): { covers: Segment[][]; written: number } {
  const covers: Segment[][] = [];
  let cover: Segment[] = [];
  let written = 0;
  for (const { bytes, merges } of hops) {
    const hop = covers.length;
    const taken = merges ? planMerge(cover, hop, bytes, maxBytes) : 0;
    const merged = cover.slice(cover.length - taken);
    const segment = {
      first: merged[0]?.first ?? hop,
      last: hop,
      bytes: merged.reduce((sum, each) => sum + each.bytes, bytes),
    };
    cover = [...cover.slice(0, cover.length - taken), segment];
    covers.push(cover);
    written += segment.bytes;
  }
  return { covers, written };
}

const same = (count: number, bytes: number): Hop[] => Array.from({ length: count }, () => ({ bytes, merges: true }));
const arbitraryHops = fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 100 }), merges: fc.boolean() }), {
  minLength: 1,
  maxLength: 300,
});

describe("the merge plan", () => {
  it("covers every chain exactly, whoever merged and however large its hops are", () => {
    fc.assert(
      fc.property(arbitraryHops, fc.integer({ min: 1, max: 2_000 }), (hops, maxBytes) => {
        const { covers } = write(hops, maxBytes);
        covers.forEach((cover, hop) => {
          let next = 0;
          for (const { first, last } of cover) {
            expect(first).toBe(next);
            expect(last).toBeGreaterThanOrEqual(first);
            next = last + 1;
          }
          expect(next).toBe(hop + 1);
        });
      }),
    );
  });

  it("keeps a merged object within the limit, and never splits a segment to fill it", () => {
    fc.assert(
      fc.property(arbitraryHops, fc.integer({ min: 1, max: 2_000 }), (hops, maxBytes) => {
        const { covers } = write(hops, maxBytes);
        covers.forEach((cover, hop) => {
          const own = cover.at(-1);
          if (own !== undefined && own.first < hop) expect(own.bytes).toBeLessThanOrEqual(maxBytes);
          // Each segment of a cover is one that some earlier writer stored.
          for (const segment of cover) expect(covers[segment.last]?.at(-1)).toEqual(segment);
        });
      }),
    );
  });

  it("takes a run no longer than the largest power of 4 that divides the number of hops", () => {
    fc.assert(
      fc.property(arbitraryHops, (hops) => {
        for (const [hop, cover] of write(hops).covers.entries()) {
          const run = hop + 1 - (cover.at(-1)?.first ?? 0);
          if (run > 1) expect((hop + 1) % 4 ** Math.ceil(Math.log(run) / Math.log(4) - 1e-9)).toBe(0);
        }
      }),
    );
  });

  it("yields what a reader guesses, when all writers merge and nothing exceeds the limit", () => {
    const { covers } = write(same(5_000, 1));
    covers.forEach((cover, hop) => {
      expect(guessCover(hop)).toEqual(cover.map(({ first, last }) => ({ first, last })));
    });
  });

  it.each([
    [10, 1.6],
    [100, 2.95],
    [1_000, 3.79],
  ])("writes each of %i equal hops %f times at most", (count, bound) => {
    expect(write(same(count, 1)).written / count).toBeLessThanOrEqual(bound);
  });

  it("leaves at most 14 segments to read at any of 1,000 hops", () => {
    const most = Math.max(...write(same(1_000, 1)).covers.map((cover) => cover.length));
    expect(most).toBe(14);
    expect(Math.max(...Array.from({ length: 1_000 }, (_, hop) => guessCover(hop).length))).toBe(14);
  });

  it("recovers by itself from writers that did not merge", () => {
    // Fifteen lone hops, then one who merges: all of them fit into the run of 16.
    const lone = Array.from({ length: 15 }, () => ({ bytes: 1, merges: false }));
    expect(write([...lone, { bytes: 1, merges: true }]).covers.at(-1)).toEqual([{ first: 0, last: 15, bytes: 16 }]);
  });

  it("does not merge at all when its own hop fills the object", () => {
    const cover = [{ first: 0, last: 2, bytes: 1 }];
    expect(planMerge(cover, 3, MAX_MERGED_BYTES - 1)).toBe(1);
    expect(planMerge(cover, 3, MAX_MERGED_BYTES)).toBe(0);
  });
});

describe("the guess of a cover", () => {
  it("is the base-4 digits of the number of hops, largest first", () => {
    expect(guessCover(0)).toEqual([{ first: 0, last: 0 }]);
    expect(guessCover(26)).toEqual([
      { first: 0, last: 15 },
      { first: 16, last: 19 },
      { first: 20, last: 23 },
      { first: 24, last: 24 },
      { first: 25, last: 25 },
      { first: 26, last: 26 },
    ]);
    fc.assert(
      fc.property(fc.nat({ max: 9_999_999_999 }), (hop) => {
        const digits = [...(hop + 1).toString(4)].flatMap((digit, place, all) =>
          Array.from({ length: Number(digit) }, () => 4 ** (all.length - 1 - place)),
        );
        expect(guessCover(hop).map(({ first, last }) => last - first + 1)).toEqual(digits);
      }),
    );
  });
});
