import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compressHandoff, serializeSegment } from "../../protocol/index.js";
import { createBed } from "../testing/bed.js";
import { scriptedAgent } from "../testing/scripted-agent.js";
import { createChainCache } from "./chain-cache.js";
import { readChain } from "./read-chain.js";

const endless = () => [
  scriptedAgent("loop", (turn) => turn.handoff("loop", { output: turn.context.hop }), { handsTo: ["loop"] }),
];

async function chainOf(hops: number) {
  const bed = createBed({ agents: endless() });
  await bed.relay.start({ to: "loop", taskId: "t", input: "x" });
  for (let hop = 1; hop < hops; hop++) await bed.deliver("loop");
  return bed;
}

describe("reading a chain cold", () => {
  it("takes one parallel round: as many reads as the hop's number has base-4 digits' sum, and the probe", async () => {
    const bed = await chainOf(64);
    for (const [hop, reads] of [
      [0, 1],
      [3, 1],
      [4, 2],
      [14, 6],
      [15, 1],
      [62, 9],
      [63, 1],
    ] as const) {
      const cold = bed.another();
      let waves = 0;
      let open = 0;
      cold.intercept = async () => {
        if (open++ === 0) waves++;
        await Promise.resolve();
        setImmediate(() => open--);
      };
      const { chain } = await readChain(cold.environment, "t", hop, { probeNext: true });
      expect(chain?.handoffs).toHaveLength(hop + 1);
      expect(cold.trace).toHaveLength(reads + 1);
      expect(waves).toBe(1);
    }
  });

  it("writes exactly one object a hop, and a warm worker reads only what is new", async () => {
    const bed = await chainOf(20);
    expect(bed.data.objects.size).toBe(20);
    expect(bed.trace.filter((call) => call.startsWith("put"))).toHaveLength(20);
    expect(bed.trace.filter((call) => call.startsWith("get"))).toEqual(
      // The start leaves nothing in the cache that the first delivery would not verify.
      Array.from({ length: 19 }, (_, hop) => `get slot:${hop + 1}`),
    );
  });

  it("reads any cover that writers left, merged by plan or not, to the same chain", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 24 }), fc.nat(), async (parked, cut) => {
        // Runs by warm and cold workers, and outside commits between them, which write runs of one.
        const agent = scriptedAgent(
          "loop",
          (turn, run) => (parked[run - 1] ? turn.wait({ question: run }) : turn.handoff("loop", { output: run })),
          { handsTo: ["loop"] },
        );
        const bed = createBed({ agents: [agent] });
        const task = await bed.relay.start({ to: "loop", taskId: "t", input: "x" });
        for (const parks of parked) {
          await (parks ? bed.another() : bed).deliver("loop");
          if (parks)
            await bed
              .another()
              .relay.task("t")
              .resume({ head: (await task.head()).head, answer: 1 });
        }
        const whole = await bed.another().relay.task("t").context();
        const hop = cut % whole.handoffs.length;
        const { chain } = await readChain(bed.another().environment, "t", hop);
        expect(chain?.handoffs.map(({ record }) => record.commitId)).toEqual(
          whole.handoffs.slice(0, hop + 1).map(({ commitId }) => commitId),
        );
        expect(await task.verify()).toMatchObject({ ok: true });
      }),
      { numRuns: 30 },
    );
  });

  it("is undefined where the slot is empty, and an error where the store fails", async () => {
    const bed = await chainOf(2);
    expect(await readChain(bed.environment, "t", 7)).toEqual({ chain: undefined, next: undefined });
    const cold = bed.another();
    cold.fail("get", "before", 10);
    await expect(readChain(cold.environment, "t", 1)).rejects.toMatchObject({ code: "STORE" });
  });
});

describe("a chain that is a bomb", () => {
  /** A relay whose slot of hop 3 announces four handoffs of one size. */
  async function announcing(rawBytes: number) {
    const bed = createBed({ agents: endless(), maxContextBytes: 1_000_000 });
    const { gzip } = compressHandoff(Buffer.from("small"));
    const frames = Array.from({ length: 4 }, () => ({ gzip, rawBytes }));
    const bytes = serializeSegment({ taskId: "t", hop: 3, first: 0, refs: [], frames });
    await bed.backend.store.putIfAbsent(bed.slotKey("t", 3), bytes);
    return bed;
  }

  it("is refused by what it announces in all, before anything is unpacked", async () => {
    const limit = 1_000_000 + 2 ** 30;
    const over = await announcing(limit / 4 + 1);
    await expect(readChain(over.environment, "t", 3)).rejects.toMatchObject({ code: "CONTEXT_TOO_LARGE", limit });
    const within = await announcing(limit / 4);
    await expect(readChain(within.environment, "t", 3)).rejects.toThrow("shorter than announced");
  });

  it("is refused where a short header announces hundreds of thousands of handoffs", async () => {
    const bed = createBed({ agents: endless() });
    const frames = Array.from({ length: 500_000 }, () => ({ gzip: new Uint8Array(0), rawBytes: 0 }));
    const bytes = serializeSegment({ taskId: "t", hop: 499_999, first: 0, refs: [], frames });
    expect(bytes.length).toBeLessThan(100_000);
    await bed.backend.store.putIfAbsent(bed.slotKey("t", 499_999), bytes);
    await expect(readChain(bed.environment, "t", 499_999)).rejects.toMatchObject({ code: "CONTEXT_INTEGRITY" });
  });
});

describe("the cache of chains", () => {
  const chains = async (count: number) => {
    const bed = createBed({ agents: endless() });
    for (let index = 0; index < count; index++)
      await bed.relay.start({ to: "loop", taskId: `t${index}`, input: "x".repeat(5_000) });
    return await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const { chain } = await readChain(bed.environment, `t${index}`, 0);
        if (chain === undefined) throw new Error("no chain");
        return chain;
      }),
    );
  };

  it("keeps what was used last, within its bytes", async () => {
    const [a, b, c, d] = await chains(4);
    if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error("no chains");
    const cache = createChainCache(25_000);
    for (const chain of [a, b, c]) cache.put(chain);
    expect(cache.get("t0")).toBe(a);
    cache.put(d);
    expect([a, b, c, d].map(({ taskId }) => cache.get(taskId) !== undefined)).toEqual([true, false, true, true]);
    cache.delete("t0");
    expect(cache.get("t0")).toBeUndefined();
  });

  it("keeps no more than a number of chains, however small they are", async () => {
    const all = await chains(4);
    const cache = createChainCache(Number.POSITIVE_INFINITY, 2);
    for (const chain of all) cache.put(chain);
    expect(all.map(({ taskId }) => cache.get(taskId) !== undefined)).toEqual([false, false, true, true]);
    const bed = createBed({ agents: endless() });
    for (let index = 0; index < 250; index++) await bed.relay.start({ to: "loop", taskId: `t${index}` });
    const cached = Array.from({ length: 250 }, (_, index) => bed.environment.chains.get(`t${index}`) !== undefined);
    expect(cached.filter(Boolean)).toHaveLength(200);
  });

  it("keeps nothing that is larger than itself, and nothing at all with no bytes", async () => {
    const [a] = await chains(1);
    if (a === undefined) throw new Error("no chain");
    for (const bytes of [0, 100]) {
      const cache = createChainCache(bytes);
      cache.put(a);
      expect(cache.get("t0")).toBeUndefined();
    }
  });

  it("keeps the longer of two, and forgets a chain that has ended", async () => {
    const bed = createBed({
      agents: [scriptedAgent("qa", (turn, run) => (run === 1 ? turn.handoff("qa") : "done"), { handsTo: ["qa"] })],
    });
    await bed.relay.start({ to: "qa", taskId: "t" });
    const { chain: short } = await readChain(bed.environment, "t", 0);
    await bed.deliver("qa");
    const cached = () => bed.environment.chains.get("t")?.handoffs.length;
    if (short === undefined) throw new Error("no chain");
    bed.environment.chains.put(short);
    expect(cached()).toBe(2);
    await bed.deliver("qa");
    expect(cached()).toBeUndefined();
  });
});
