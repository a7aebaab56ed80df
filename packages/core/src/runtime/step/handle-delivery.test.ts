import { describe, expect, it } from "vitest";
import { createBed } from "../testing/bed.js";
import { finishes, passesTo, scriptedAgent } from "../testing/scripted-agent.js";

function twoAgents() {
  const [research, code] = [passesTo("research", "code"), finishes("code")];
  return { research, code, bed: createBed({ agents: [research, code] }) };
}

/** A task whose hop 1 (research's handoff to code) is committed, with code's envelope in its queue. */
async function atCode() {
  const setting = twoAgents();
  await setting.bed.relay.start({ to: "research", taskId: "t", input: "orders.csv" });
  await setting.bed.deliver("research");
  setting.bed.trace.splice(0);
  return setting;
}

describe("an envelope", () => {
  it("that can never be used is rejected into the dead-letter queue and audited, with the reason", async () => {
    const { bed } = twoAgents();
    await bed.sendBody("code", "no json at all");
    expect(await bed.deliver("code")).toMatchObject({ status: "rejected" });
    await bed.sendBody("code", "{}");
    expect(await bed.deliver("code")).toMatchObject({ status: "rejected" });
    expect(await bed.deadLetters("code")).toEqual([
      "the message is not JSON",
      expect.stringContaining("the envelope's fields are missing or wrong"),
    ]);
    const [, second] = await bed.events("-");
    expect(second).toMatchObject({ kind: "rejected", detail: { reason: expect.stringContaining("missing or wrong") } });
    expect(bed.trace.indexOf("append rejected:0")).toBeLessThan(bed.trace.indexOf("reject"));
  });

  it("of another relay, or of a hop beyond every chain, is rejected", async () => {
    const { bed } = await atCode();
    await bed.deliver("code");
    await bed.send("t", { relayId: "other", toAgent: "code" }, 1);
    expect(await bed.deliver("code")).toEqual({
      status: "rejected",
      reason: "the envelope belongs to another relay",
    });
    await bed.send("t", { hop: 9_999_999_999, toAgent: "code" }, 1);
    expect(await bed.deliver("code")).toMatchObject({ status: "rejected" });
    expect(await bed.deadLetters("code")).toHaveLength(2);
  });

  it("of a newer version is released after a short, jittered delay and audited, never dead-lettered", async () => {
    const { bed, code } = twoAgents();
    await bed.sendBody("code", JSON.stringify({ v: 2, task_id: "t", hop: 0, generation: 0 }));
    for (let time = 0; time < 5; time++) expect(await bed.deliver("code")).toMatchObject({ status: "not-understood" });
    const delays = bed.trace.filter((call) => call.startsWith("release ")).map((call) => Number(call.slice(8)));
    expect(delays).toHaveLength(5);
    expect(new Set(delays).size).toBeGreaterThan(1);
    for (const delay of delays) expect(delay).toSatisfy((ms: number) => ms >= 2_500 && ms <= 7_500);
    expect(bed.kinds("-")).toEqual(Array(5).fill("not_understood:0"));
    expect(await bed.deadLetters("code")).toEqual([]);
    expect(code.turns).toHaveLength(0);
  });

  it("waits longer from the tenth receipt on, so that a long rollback does not use up the queue's receive count", async () => {
    const { bed } = twoAgents();
    await bed.sendBody("code", JSON.stringify({ v: 2, task_id: "t", hop: 0, generation: 0 }));
    for (let time = 0; time < 30; time++) await bed.deliver("code");
    const delays = bed.trace.filter((call) => call.startsWith("release ")).map((call) => Number(call.slice(8)));
    for (const delay of delays.slice(0, 10)) expect(delay).toBeLessThanOrEqual(7_500);
    for (const delay of delays.slice(20)) expect(delay).toSatisfy((ms: number) => ms >= 450_000 && ms <= 1_350_000);
  });

  it("whose key is not the one derived from its ids is refused: acknowledged, audited, the task unaffected", async () => {
    const { bed, code } = await atCode();
    await bed.send("t", { contextKey: bed.slotKey("other", 1) });
    const first = await bed.deliver("code");
    expect(first).toMatchObject({ status: "committed" });
    expect(await bed.deliver("code")).toMatchObject({ status: "refused", reason: expect.stringContaining("key") });
    expect(bed.queued("code")).toBe(0);
    expect(bed.kinds("t")).toContain("refused:1");
    expect(code.turns).toHaveLength(1);
  });

  it.each([
    ["a wrong hash", "names another handoff", { handoffSha256: "0".repeat(64) }],
    ["another agent", "in another agent's queue", { toAgent: "research" }],
    ["a hop ahead of the head", "ahead of the task's head", { hop: 7 }],
  ])("with %s is refused, and the task goes on", async (_what, reason, changes) => {
    const { bed, code, research } = await atCode();
    await (await bed.receive("code"))?.acknowledge();
    const agent = "toAgent" in changes ? "research" : "code";
    await bed.send("t", { ...changes, ...("toAgent" in changes ? { toAgent: "code" } : {}) }, undefined, agent);
    if ("hop" in changes) {
      expect(await bed.deliver("code")).toMatchObject({ status: "refused", reason: expect.stringContaining("key") });
      await bed.send("t", { ...changes, contextKey: bed.slotKey("t", 7) });
    }
    expect(await bed.deliver(agent)).toEqual({ status: "refused", reason: expect.stringContaining(reason) });
    expect(bed.kinds("t")).toContain(`refused:${"hop" in changes ? 7 : 1}`);
    expect([code.turns.length, research.turns.length]).toEqual([0, 1]);
    await bed.send("t");
    expect(await bed.deliver("code")).toMatchObject({ status: "committed", decision: "complete" });
  });

  it("of a task that has no slot at all is refused: it is never a new task", async () => {
    const { bed, code } = await atCode();
    await bed.send("t", { taskId: "ghost", hop: 0, contextKey: bed.slotKey("ghost", 0) });
    expect(await bed.deliver("code")).toMatchObject({ status: "committed" });
    expect(await bed.deliver("code")).toMatchObject({ status: "refused" });
    await expect(bed.decisions("ghost")).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
    expect(code.turns).toHaveLength(1);
  });
});

describe("a first delivery", () => {
  it("reads the segments and the next slot in one parallel round, and neither lists nor counts attempts", async () => {
    const { bed, research } = twoAgents();
    await bed.relay.start({ to: "research", taskId: "t" });
    const cold = bed.another();
    await cold.deliver("research");
    const beforeTheRun = cold.trace.slice(
      cold.trace.indexOf("receive research") + 1,
      cold.trace.indexOf("append attempt_started:0"),
    );
    expect(beforeTheRun.toSorted()).toEqual(["get slot:0", "get slot:1"]);
    expect(cold.trace).not.toContain("list slots");
    expect(cold.trace).not.toContain("events");
    expect(research.turns).toHaveLength(1);
  });

  it("that finds the next slot filled helps, and never runs the agent again", async () => {
    const { bed, research } = twoAgents();
    await bed.relay.start({ to: "research", taskId: "t" });
    await bed.send("t", {});
    await bed.deliver("research");
    const cold = bed.another();
    expect(await cold.deliver("research")).toEqual({ status: "helped" });
    expect(research.turns).toHaveLength(1);
    expect(bed.queued("research")).toBe(0);
  });

  it("whose own slot is missing lists: a gap is damage, and is never filled", async () => {
    const { bed, code } = await atCode();
    await bed.deliver("code");
    await bed.send("t", {}, 1);
    await bed.remove(bed.slotKey("t", 1));
    const cold = bed.another();
    expect(await cold.deliver("code")).toMatchObject({ status: "damaged", reason: expect.stringContaining("hop 1") });
    expect(cold.trace).toContain("list slots");
    expect(code.turns).toHaveLength(1);
    expect(bed.data.objects.has(bed.slotKey("t", 1))).toBe(false);
  });

  it("of a process that knows of a later hop, which is gone, is damage and no second run", async () => {
    const { bed, research } = await atCode();
    await bed.send("t", { toAgent: "research" }, 0);
    await bed.remove(bed.slotKey("t", 1));
    expect(await bed.deliver("research")).toMatchObject({ status: "damaged" });
    expect(research.turns).toHaveLength(1);
  });
});

describe("a later delivery", () => {
  it("finds the head by listing every slot, so that a gap is damage", async () => {
    const agents = [scriptedAgent("loop", (turn) => turn.handoff("loop"), { handsTo: ["loop"] })];
    const bed = createBed({ agents });
    await bed.relay.start({ to: "loop", taskId: "t" });
    for (let hop = 0; hop < 3; hop++) await bed.deliver("loop");
    await (await bed.receive("loop"))?.release(0);
    await bed.remove(bed.slotKey("t", 2));
    expect(await bed.another().deliver("loop")).toMatchObject({ status: "damaged" });
    expect(agents[0]?.turns).toHaveLength(3);
    expect(bed.data.objects.has(bed.slotKey("t", 2))).toBe(false);
  });

  it("is one of a later generation too, though it is received for the first time", async () => {
    const { bed } = await atCode();
    await bed.deliver("code");
    const other = twoAgents();
    await other.bed.relay.start({ to: "research", taskId: "t" });
    await (await other.bed.receive("research"))?.acknowledge();
    await other.bed.send("t", { generation: 1 });
    other.bed.trace.splice(0);
    await other.bed.deliver("research");
    expect(other.bed.trace).toContain("list slots");
    expect(other.bed.trace).toContain("events");
  });
});

describe("help", () => {
  it("appends every missing event from the next hop to the head, and sends only when the head is the next hop", async () => {
    const { bed, research } = twoAgents();
    await bed.relay.start({ to: "research", taskId: "t" });
    bed.fail("append committed:1", "before", 100);
    expect(await bed.deliver("research")).toMatchObject({ status: "released" });
    bed.heal();
    expect(bed.kinds("t")).not.toContain("committed:1");
    expect(bed.queued("code")).toBe(0);
    expect(await bed.deliver("research")).toEqual({ status: "helped" });
    expect(bed.kinds("t")).toContain("committed:1");
    expect(bed.queued("code")).toBe(1);
    expect(bed.trace.lastIndexOf("append committed:1")).toBeLessThan(bed.trace.lastIndexOf("send code:1.0"));
    expect(research.turns).toHaveLength(1);
  });

  it("appends what is missing before the head too: a question that was answered before it was audited", async () => {
    const bed = createBed({ agents: [scriptedAgent("qa", (turn) => turn.wait({ question: "go on?" }))] });
    const task = await bed.relay.start({ to: "qa", taskId: "t" });
    const worker = bed.another();
    worker.die("append committed:1");
    const delivery = await worker.receive("qa");
    if (delivery === undefined) throw new Error("nothing received");
    worker.handle("qa", delivery).catch(() => {});
    await bed.clock.advance(0);
    bed.fail("append committed:1", "before");
    await expect(task.resume({ head: (await task.head()).head, answer: "yes" })).rejects.toThrow();
    expect(bed.kinds("t")).not.toContain("committed:1");
    bed.trace.splice(0);
    expect(await bed.deliver("qa")).toEqual({ status: "helped" });
    expect(bed.kinds("t")).toContain("committed:1");
    expect(bed.trace.filter((call) => call.startsWith("send"))).toEqual([]);
  });

  it("sends nothing for a stale envelope of hop 0 after many hops", async () => {
    const loop = scriptedAgent("loop", (turn) => turn.handoff("loop"), { handsTo: ["loop"] });
    const bed = createBed({ agents: [passesTo("research", "loop"), loop] });
    await bed.relay.start({ to: "research", taskId: "t" });
    await bed.deliver("research");
    for (let hop = 0; hop < 5; hop++) await bed.deliver("loop");
    const stale = bed.another();
    await stale.send("t", {}, 0);
    expect(await stale.deliver("research")).toEqual({ status: "helped" });
    expect(stale.trace.filter((call) => call.startsWith("send"))).toEqual([]);
    expect(loop.turns).toHaveLength(5);
  });

  it("follows an outside commit whose caller died before its audit, too", async () => {
    const { bed } = await atCode();
    bed.fail("append committed:2", "before", 100);
    await expect(bed.relay.task("t").cancel()).rejects.toMatchObject({ code: "AUDIT" });
    bed.heal();
    expect(await bed.deliver("code")).toEqual({ status: "helped" });
    expect(bed.kinds("t")).toContain("committed:2");
    expect(await bed.row("t")).toMatchObject({ status: "canceled", headHop: 2 });
  });
});
