import { describe, expect, it } from "vitest";
import { createBed } from "../testing/bed.js";
import { scriptedAgent } from "../testing/scripted-agent.js";

async function chain(hops = 6) {
  const loop = scriptedAgent(
    "loop",
    (turn) =>
      turn.context.hop < hops - 2 ? turn.handoff("loop", { output: turn.context.hop }) : new Uint8Array(70_000),
    { handsTo: ["loop"] },
  );
  const bed = createBed({ agents: [loop] });
  const task = await bed.relay.start({ to: "loop", taskId: "t", input: "x" });
  for (let hop = 1; hop < hops; hop++) await bed.deliver("loop");
  return { bed, task };
}

describe("verifying a task", () => {
  it("finds nothing wrong where nothing is", async () => {
    const { task } = await chain();
    expect(await task.verify()).toEqual({ taskId: "t", ok: true, hops: 6, blobs: 1, problems: [] });
  });

  it("names the hop of each missing, cut or altered slot, past every cache", async () => {
    for (const spoil of [
      (bytes: Uint8Array) => bytes.slice(0, -3),
      (bytes: Uint8Array) => bytes.map((byte, at) => (at === bytes.length - 20 ? byte ^ 1 : byte)),
    ]) {
      const { bed, task } = await chain();
      const bytes = await bed.remove(bed.slotKey("t", 2));
      await bed.backend.store.putIfAbsent(bed.slotKey("t", 2), spoil(bytes));
      const found = await task.verify();
      expect(found.ok).toBe(false);
      expect(found.problems.map(({ hop }) => hop)).toContain(2);
    }
    const { bed, task } = await chain();
    await bed.remove(bed.slotKey("t", 2));
    expect((await task.verify()).problems).toEqual([{ hop: 0, what: expect.stringContaining("hop 2 is empty") }]);
  });

  it("reads every slot's own last member: a copy carried along does not vouch for it", async () => {
    const { bed, task } = await chain();
    const forged = await anotherChain();
    // Slot 1 is covered by slot 3: a reader of the whole never looks at it.
    await bed.remove(bed.slotKey("t", 1));
    await bed.backend.store.putIfAbsent(bed.slotKey("t", 1), forged);
    expect((await bed.another().relay.task("t").context()).handoffs).toHaveLength(6);
    expect((await task.verify()).problems.map(({ hop }) => hop)).toEqual(expect.arrayContaining([1, 2]));
  });

  it("names a blob that is missing or holds other bytes", async () => {
    const { bed, task } = await chain();
    const key = [...bed.data.objects.keys()].find((each) => each.includes("/blobs/")) ?? "";
    const bytes = await bed.remove(key);
    expect((await task.verify()).problems).toEqual([{ hop: 5, what: expect.stringContaining("is missing") }]);
    await bed.backend.store.putIfAbsent(
      key,
      bytes.map((byte) => byte ^ 1),
    );
    expect((await task.verify()).problems).toEqual([{ hop: 5, what: expect.stringContaining("other bytes") }]);
  });

  it("names an audit event that was edited or deleted, and one that tells of a hop that is not there", async () => {
    const { bed, task } = await chain();
    const events = bed.data.tasks.get("relay")?.get("t")?.events;
    const last = events?.get("0000000005#committed");
    const middle = events?.get("0000000002#committed");
    if (events === undefined || last === undefined || middle === undefined) throw new Error("no events");
    events.delete(last.id);
    events.set(middle.id, { ...middle, detail: { ...middle.detail, to: "somebody" } });
    events.set("0000000009#committed", { ...last, id: "0000000009#committed", hop: 9 });
    expect((await task.verify()).problems).toEqual([
      { hop: 2, what: "the audit log tells of another handoff" },
      { hop: 5, what: "the audit log does not tell of it" },
      { hop: 9, what: "the audit log tells of it, but its slot is empty" },
    ]);
  });

  it("takes a store that fails for no finding", async () => {
    const { bed, task } = await chain();
    bed.fail("get slot:2", "before");
    await expect(task.verify()).rejects.toMatchObject({ code: "STORE" });
  });
});

/** Slot 1 of a chain that another seed made. */
async function anotherChain(): Promise<Uint8Array> {
  const loop = scriptedAgent("loop", (turn) => turn.handoff("loop", { output: "forged" }), { handsTo: ["loop"] });
  const bed = createBed({ agents: [loop], seed: 77 });
  await bed.relay.start({ to: "loop", taskId: "t", input: "x" });
  await bed.deliver("loop");
  return await bed.remove(bed.slotKey("t", 1));
}
