import { describe, expect, it } from "vitest";
import { compressHandoff } from "../../protocol/index.js";
import { longChain, SAMPLE_IDENTITY } from "../../protocol/testing/sample-chain.js";
import { chainOf } from "../testing/task-chain.js";
import { chainUpTo, emptyChain, extendChain, headOf, spansOf } from "./task-chain.js";

const handoffs = longChain(5);
const cover = [
  { first: 0, last: 3, bytes: 10 },
  { first: 4, last: 4, bytes: 7 },
];
const sizes = handoffs.map(({ raw }) => raw.length);
const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);

describe("a task's chain", () => {
  it("holds nothing before its first handoff, and has no head then", () => {
    const empty = emptyChain("r", "t");
    expect(empty).toEqual({ relayId: "r", taskId: "t", handoffs: [], frames: [], cover: [], rawBytes: 0 });
    expect(() => headOf(empty)).toThrow("an empty chain has no head");
  });

  it("grows by handoffs that follow, and counts their bytes", () => {
    const short = chainOf(handoffs.slice(0, 2), [{ first: 0, last: 1, bytes: 3 }]);
    const added = handoffs.slice(2).map((handoff) => ({ handoff, frame: compressHandoff(handoff.raw) }));
    const chain = extendChain(short, added, cover);
    expect(chain).toEqual({
      ...SAMPLE_IDENTITY,
      handoffs,
      frames: handoffs.map(({ raw }) => compressHandoff(raw)),
      cover,
      rawBytes: sum(sizes),
    });
    expect(headOf(chain)).toBe(handoffs[4]);
    expect(short.handoffs).toHaveLength(2);
  });

  it("does not grow by a handoff that does not follow", () => {
    const short = chainOf(handoffs.slice(0, 2));
    for (const wrong of [handoffs[3], handoffs[1], handoffs[0]]) {
      if (wrong === undefined) throw new Error("no handoff");
      const added = [{ handoff: wrong, frame: compressHandoff(wrong.raw) }];
      expect(() => extendChain(short, added, [])).toThrow(expect.objectContaining({ code: "CONTEXT_INTEGRITY" }));
    }
  });

  it("can be seen as it was at an earlier hop, without a cover", () => {
    const chain = chainOf(handoffs, cover);
    expect(chainUpTo(chain, 2)).toEqual({
      ...chain,
      handoffs: handoffs.slice(0, 3),
      frames: chain.frames.slice(0, 3),
      cover: [],
      rawBytes: sum(sizes.slice(0, 3)),
    });
    expect(chainUpTo(chain, 3).handoffs).toHaveLength(4);
    expect(chainUpTo(chain, 4)).toBe(chain);
    expect(chainUpTo(chain, 99)).toBe(chain);
  });
});

describe("the spans that a segment names", () => {
  it("begin each where the one before ended, and end with its own", () => {
    expect(spansOf({ refs: [], first: 0, hop: 0 })).toEqual([{ first: 0, last: 0 }]);
    expect(spansOf({ refs: [15, 19], first: 20, hop: 21 })).toEqual([
      { first: 0, last: 15 },
      { first: 16, last: 19 },
      { first: 20, last: 21 },
    ]);
  });
});
