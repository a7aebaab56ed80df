import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBed } from "../testing/bed.js";
import { scriptedAgent } from "../testing/scripted-agent.js";
import type { HopEvent } from "./result.js";

function loopOf(hops: number) {
  const loop = scriptedAgent(
    "loop",
    (turn) => (turn.context.hop < hops - 2 ? turn.handoff("loop", { reason: `hop ${turn.context.hop + 1}` }) : "done"),
    { handsTo: ["loop"] },
  );
  return createBed({ agents: [loop] });
}

async function all(events: AsyncIterable<HopEvent>, into: HopEvent[] = []): Promise<HopEvent[]> {
  for await (const event of events) into.push(event);
  return into;
}

describe("watching a task", () => {
  it("yields what has happened and what happens, each hop once and in order, until the final one", async () => {
    const bed = loopOf(6);
    const task = await bed.relay.start({ to: "loop", taskId: "t" });
    await bed.deliver("loop");
    const watching = all(task.watch());
    for (let hop = 2; hop < 6; hop++) await bed.deliver("loop");
    const events = await bed.settled(watching);
    expect(events.map(({ hop }) => hop)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(events.map(({ cursor }) => cursor)).toEqual(["0", "1", "2", "3", "4", "5"]);
    expect(events[2]).toMatchObject({ from: "loop", to: "loop", decision: "handoff", reason: "hop 2", taskId: "t" });
    expect(events[5]).toMatchObject({ decision: "complete", to: undefined, sha256: (await task.head()).head });
    expect(await all(task.watch())).toEqual(events);
  });

  it("misses nothing and repeats nothing, from whatever cursor in whatever process, however the two interleave", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 12 }),
        fc.array(fc.boolean(), { maxLength: 12 }),
        fc.nat(),
        async (hops, steps, breakAt) => {
          const bed = loopOf(hops);
          const task = await bed.relay.start({ to: "loop", taskId: "t" });
          const seen: HopEvent[] = [];
          const client = bed.another();
          const lost = new AbortController();
          const first = all(client.relay.task("t").watch({ signal: lost.signal }), seen).catch(() => {});
          let made = 0;
          for (const step of steps) {
            if (step && made < hops - 1) {
              await bed.deliver("loop");
              made++;
            } else await bed.clock.advance(700);
          }
          if (breakAt % 2 === 0) lost.abort();
          while (made++ < hops - 1) await bed.deliver("loop");
          if (lost.signal.aborted) {
            await first;
            const cursor = seen.at(-1)?.cursor;
            await bed.settled(
              all(
                bed
                  .another()
                  .relay.task("t")
                  .watch(cursor === undefined ? {} : { after: cursor }),
                seen,
              ),
            );
          } else await bed.settled(first);
          expect(seen.map(({ hop }) => hop)).toEqual(Array.from({ length: hops }, (_, hop) => hop));
          expect((await task.head()).state).toBe("completed");
        },
      ),
      { numRuns: 40 },
    );
  });

  it("wakes at once for what this process commits, and looks for what others did", async () => {
    const bed = loopOf(3);
    const task = await bed.relay.start({ to: "loop", taskId: "t" });
    const seen: HopEvent[] = [];
    const watching = all(task.watch(), seen);
    await bed.clock.advance(60_000);
    expect(seen).toHaveLength(1);
    await bed.deliver("loop");
    await bed.clock.advance(0);
    expect(seen).toHaveLength(2);
    await bed.another().deliver("loop");
    await bed.clock.advance(1_000);
    expect(seen).toHaveLength(3);
    await watching;
  });

  it("costs one read a look, however long the chain", async () => {
    const bed = loopOf(40);
    const task = await bed.relay.start({ to: "loop", taskId: "t" });
    for (let hop = 1; hop < 20; hop++) await bed.deliver("loop");
    const cold = bed.another({ cacheBytes: 0 });
    const stop = new AbortController();
    const watching = all(cold.relay.task("t").watch({ signal: stop.signal, after: "19" }));
    await bed.clock.advance(10_000);
    cold.trace.splice(0);
    await bed.clock.advance(10_000);
    expect(cold.trace).toEqual(Array(10).fill("get slot:20"));
    stop.abort("enough");
    await expect(watching).rejects.toBe("enough");
    expect((await task.head()).hop).toBe(19);
  });

  it("shows nothing that a power cut could take back", async () => {
    const bed = loopOf(3);
    const task = await bed.relay.start({ to: "loop", taskId: "t" });
    bed.trace.splice(0);
    await task.watch().next();
    expect(bed.trace.at(-1)).toBe("flush");
    bed.trace.splice(0);
    await Promise.all([task.head(), task.context()]);
    expect(bed.trace.filter((call) => call === "flush")).toHaveLength(2);
  });

  it("yields nothing that a cursor has seen, even one from further on", async () => {
    const bed = loopOf(4);
    const task = await bed.relay.start({ to: "loop", taskId: "t" });
    const watching = all(task.watch({ after: "2" }));
    for (let hop = 1; hop < 4; hop++) {
      await bed.deliver("loop");
      await bed.clock.advance(2_000);
    }
    expect((await watching).map(({ hop }) => hop)).toEqual([3]);
  });

  it("refuses a cursor that is none", async () => {
    const bed = loopOf(3);
    const task = await bed.relay.start({ to: "loop", taskId: "t" });
    for (const after of ["", "-1", "x", "1e3"])
      await expect(task.watch({ after }).next()).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  });
});
