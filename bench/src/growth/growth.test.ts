import { describe, expect, it } from "vitest";
import { CORPORA, type CorpusName, corpusNameSchema } from "../corpus/corpora.js";
import { scriptOf } from "../script/script.js";
import { countChain } from "./count-chain.js";
import { type GrowthRow, measureGrowth } from "./growth.js";

const BYTES_PER_HOP = 20_000;
/** The most bytes that a chain may write, as a multiple of its handoffs compressed once. */
const MOST_TIMES_FLOOR = [
  [10, 1.7],
  [100, 3.1],
  [1_000, 4.0],
] as const;

async function agenthandoffRow(corpus: CorpusName, hops: number, cold: boolean): Promise<GrowthRow | undefined> {
  const { rows } = await measureGrowth(CORPORA[corpus](), { hops, bytesPerHop: BYTES_PER_HOP, cold });
  return rows.find(({ scheme }) => scheme === "agenthandoff");
}

describe("a chain in a store", () => {
  // How many requests there are depends on the hop alone, so handoffs without messages show it too.
  it("takes one PUT a hop and, to hydrate a worker that knows nothing at any hop up to 1,000, at most 16 GETs in one round", async () => {
    const { commits, hydrations, others, besides } = await countChain(scriptOf(1_000), { cold: true });
    expect(commits.map(({ puts }) => puts)).toEqual(Array.from({ length: 1_000 }, () => 1));
    expect(hydrations).toHaveLength(999);
    expect(Math.max(...hydrations.map(({ gets }) => gets))).toBeLessThanOrEqual(16);
    expect(hydrations.every(({ rounds }) => rounds === 1)).toBe(true);
    expect(others).toBe(0);
    // What no row of the benchmark counts: two events a hop (the first has no run), and a message for each but the last.
    expect(besides).toMatchObject({ auditEvents: 2 * 1_000 - 1, messages: 1_000 - 1 });
  });

  it("takes one GET, the probe, where the worker itself wrote the hop before", async () => {
    const { hydrations, commits, others } = await countChain(scriptOf(100), { cold: false });
    // Hop 0 was written by the caller, so the worker has to read it.
    expect(hydrations[0]).toEqual({ gets: 2, rounds: 1 });
    expect(hydrations.slice(1)).toEqual(Array.from({ length: 98 }, () => ({ gets: 1, rounds: 1 })));
    expect(commits.every(({ puts }) => puts === 1)).toBe(true);
    expect(others).toBe(0);
  });

  for (const corpus of corpusNameSchema.options) {
    for (const [hops, mostTimesFloor] of MOST_TIMES_FLOOR) {
      it(`writes at most ${mostTimesFloor} times the floor in ${hops} hops of 20,000 bytes of ${corpus}`, async () => {
        const row = await agenthandoffRow(corpus, hops, false);
        expect(row?.bytesWritten).toBeLessThanOrEqual(mostTimesFloor * (row?.floorBytes ?? 0));
        expect(row?.puts).toBe(hops);
      });
    }
  }

  it("is the same, byte for byte, whether its workers knew it or read it anew at each hop", async () => {
    const [warm, cold] = [await agenthandoffRow("coding", 30, false), await agenthandoffRow("coding", 30, true)];
    expect(cold?.bytesWritten).toBe(warm?.bytesWritten);
    expect(cold?.floorBytes).toBe(warm?.floorBytes);
  });
});
