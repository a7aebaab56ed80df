import { describe, expect, it } from "vitest";
import { longChain, sampleChain } from "../../protocol/testing/sample-chain.js";
import { chainOf } from "../testing/task-chain.js";
import { createChainCache } from "./chain-cache.js";
import type { TaskChain } from "./task-chain.js";

const open = (hops: number) => chainOf(longChain(hops + 1).slice(0, -1));
/** A chain of one hop that counts as so many bytes, beside what its objects cost. */
const sized = (taskId: string, rawBytes: number, cover = 0): TaskChain => ({
  ...open(1),
  taskId,
  rawBytes,
  cover: [{ first: 0, last: 0, bytes: cover }],
});
/** What the objects of one handoff are reckoned at. */
const EACH = 2_000;
const MANY = 1_000_000;

describe("a cache of chains", () => {
  it("counts what is unpacked, what is packed, and the objects around each handoff", () => {
    for (const [bytes, kept] of [
      [EACH + 700, true],
      [EACH + 699, false],
    ] as const) {
      const cache = createChainCache(bytes);
      cache.put(sized("a", 400, 300));
      expect(cache.get("a") !== undefined).toBe(kept);
    }
    const [three, cache] = [open(3), createChainCache(3 * EACH + open(3).rawBytes)];
    cache.put({ ...three, cover: [] });
    expect(cache.get(three.taskId)).toBeDefined();
    const tight = createChainCache(3 * EACH + three.rawBytes - 1);
    tight.put({ ...three, cover: [] });
    expect(tight.get(three.taskId)).toBeUndefined();
  });

  it("lets go of what was unused for longest, as far as room is needed, and no further", () => {
    const cache = createChainCache(3 * (EACH + 100));
    for (const id of ["a", "b", "c"]) cache.put(sized(id, 100));
    expect(cache.get("a")).toBeDefined();
    cache.put(sized("d", 100));
    expect(["a", "b", "c", "d"].map((id) => cache.get(id) !== undefined)).toEqual([true, false, true, true]);
  });

  it("has the room again of what was replaced, deleted or has ended", () => {
    const cache = createChainCache(2 * (EACH + 100));
    for (let time = 0; time < 10; time++) cache.put(sized("a", 100));
    cache.put(sized("b", 100));
    expect(cache.get("a")).toBeDefined();
    cache.delete("b");
    cache.delete("nobody");
    cache.put(sized("c", 100));
    expect(cache.get("a")).toBeDefined();
    const [ended] = [chainOf(longChain(2))];
    cache.put({ ...ended, taskId: "c" });
    cache.put(sized("d", 100));
    expect(["a", "c", "d"].map((id) => cache.get(id) !== undefined)).toEqual([true, false, true]);
  });

  it("keeps the longer of two chains, and the later of two that are as long", () => {
    const cache = createChainCache(MANY);
    const [short, long, other] = [open(2), open(3), open(3)];
    cache.put(long);
    cache.put(short);
    expect(cache.get(long.taskId)).toBe(long);
    cache.put(other);
    expect(cache.get(long.taskId)).toBe(other);
  });

  it("keeps no chain that is final: a parked one goes on", () => {
    const decided = (kind: "cancel" | "wait") => [
      { decision: { kind: "handoff", to: "qa" } as const },
      { decision: kind === "cancel" ? ({ kind } as const) : ({ kind, on: { kind: "answer" } } as const) },
    ];
    const cache = createChainCache(MANY);
    const canceled = chainOf(sampleChain(decided("cancel")));
    cache.put(canceled);
    expect(cache.get(canceled.taskId)).toBeUndefined();
    cache.put(chainOf(sampleChain(decided("wait"))));
    expect(cache.get(canceled.taskId)?.handoffs).toHaveLength(2);
  });
});
