import { describe, expect, it } from "vitest";
import { createBed, VISIBILITY_MS } from "../testing/bed.js";
import { finishes, passesTo, scriptedAgent } from "../testing/scripted-agent.js";

const releases = (trace: readonly string[]) =>
  trace.filter((call) => call.startsWith("release ")).map((call) => Number(call.slice(8)));

const throwing = (error: unknown = new Error("no luck")) =>
  scriptedAgent("qa", () => {
    throw error;
  });

describe("attempts", () => {
  it("end at maxAttempts: the last one that throws commits the failure with its error", async () => {
    const qa = throwing();
    const bed = createBed({ agents: [qa], maxAttempts: 3 });
    const task = await bed.relay.start({ to: "qa", taskId: "t" });
    expect(await bed.deliver("qa")).toMatchObject({ status: "released" });
    expect(await bed.deliver("qa")).toMatchObject({ status: "released" });
    expect(await bed.deliver("qa")).toEqual({ status: "committed", decision: "fail" });
    expect(qa.turns.map(({ attempt }) => attempt.number)).toEqual([1, 2, 3]);
    expect(new Set(qa.turns.map(({ attempt }) => attempt.id)).size).toBe(3);
    expect(await task.result()).toMatchObject({
      reason: "qa was run 3 times without success (maxAttempts)",
      error: { message: "no luck" },
    });
    expect(bed.queued("qa")).toBe(0);
  });

  it("of an agent that kills its worker are counted from their starts, alone, and end at maxAttempts", async () => {
    const starts: string[] = [];
    // Its process dies: nothing after the start is ever written.
    const poison = scriptedAgent("poison", () => new Promise(() => {}));
    const bed = createBed({ agents: [poison], maxAttempts: 3 });
    await bed.relay.start({ to: "poison", taskId: "t" });
    for (let life = 0; life < 3; life++) {
      const process = bed.another();
      const delivery = await process.receive("poison");
      if (delivery === undefined) throw new Error("nothing received");
      process.handle("poison", delivery).catch(() => {});
      await bed.clock.advance(0);
      starts.push(delivery.id);
      // Dead from here on.
      process.die();
      await bed.clock.advance(VISIBILITY_MS + 1);
    }
    expect(poison.turns).toHaveLength(3);
    expect(await bed.deliver("poison")).toEqual({ status: "committed", decision: "fail" });
    expect(poison.turns).toHaveLength(3);
    expect(await bed.head("t")).toMatchObject({ decision: { reason: expect.stringContaining("maxAttempts") } });
    expect(starts).toEqual(["1.1", "1.2", "1.3"]);
  });

  it("that follow a start without an outcome wait until the worker's other runs end, extending meanwhile", async () => {
    const ends: (() => void)[] = [];
    const slow = scriptedAgent("slow", () => new Promise<void>((resolve) => ends.push(resolve)));
    const poison = scriptedAgent("poison", () => new Promise<void>((resolve) => ends.push(resolve)));
    const bed = createBed({ agents: [slow, poison] });
    await bed.relay.start({ to: "poison", taskId: "p" });
    const dead = bed.another();
    const first = await dead.receive("poison");
    if (first === undefined) throw new Error("nothing received");
    dead.handle("poison", first).catch(() => {});
    await bed.clock.advance(0);
    dead.die();
    await bed.clock.advance(VISIBILITY_MS + 1);

    await bed.relay.start({ to: "slow", taskId: "s" });
    await bed.relay.start({ to: "slow", taskId: "s2" });
    const begin = async (agent: string) => {
      const delivery = await bed.receive(agent);
      if (delivery === undefined) throw new Error("nothing received");
      const outcome = bed.handle(agent, delivery);
      await bed.clock.advance(0);
      return { outcome };
    };
    const [neighbour, suspect, late] = [await begin("slow"), await begin("poison"), await begin("slow")];
    await bed.clock.advance(3 * VISIBILITY_MS);
    expect([slow.turns.length, poison.turns.length]).toEqual([1, 1]);
    expect(bed.kinds("p").filter((kind) => kind === "attempt_started:0")).toHaveLength(1);
    expect(bed.trace.filter((call) => call === "extend").length).toBeGreaterThan(6);
    ends[1]?.();
    await bed.settled(neighbour.outcome);
    await bed.clock.advance(10);
    // Alone: the neighbour that came later waits for it.
    expect([slow.turns.length, poison.turns.length]).toEqual([1, 2]);
    ends[2]?.();
    await bed.settled(suspect.outcome);
    await bed.clock.advance(10);
    expect(slow.turns).toHaveLength(2);
    ends[3]?.();
    expect(await bed.settled(late.outcome)).toMatchObject({ status: "committed" });
  });

  it("are taken back when the worker drains, and the message is there at once", async () => {
    const qa = scriptedAgent("qa", ({ signal }, run) =>
      run === 1 ? new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))) : "done",
    );
    const bed = createBed({ agents: [qa], maxAttempts: 1 });
    await bed.relay.start({ to: "qa", taskId: "t" });
    const delivery = await bed.receive("qa");
    if (delivery === undefined) throw new Error("nothing received");
    const outcome = bed.handle("qa", delivery);
    await bed.clock.advance(0);
    bed.drain.abort("drained");
    expect(await bed.settled(outcome)).toMatchObject({ status: "released" });
    expect(releases(bed.trace)).toEqual([0]);
    expect(bed.kinds("t")).toContain("attempt_released:0");
    expect(await bed.another().deliver("qa")).toEqual({ status: "committed", decision: "complete" });
    expect(qa.turns[1]?.attempt.number).toBe(1);
  });

  it.each([
    ["the store", "put slot:1"],
    ["the queue", "send qa:1.0"],
    ["the audit", "append committed:1"],
  ])("are taken back in an outage of %s, however long, and its releases back off", async (_what, call) => {
    const qa = scriptedAgent("qa", (turn) => (turn.context.hop < 1 ? turn.handoff("qa") : "done"), { handsTo: ["qa"] });
    const bed = createBed({ agents: [qa], maxAttempts: 2 });
    await bed.relay.start({ to: "qa", taskId: "t" });
    bed.fail(call, "before", 1_000);
    for (let time = 0; time < 6; time++) expect(await bed.deliver("qa")).toMatchObject({ status: "released" });
    const delays = releases(bed.trace);
    for (const [index, delay] of delays.entries())
      expect(delay).toBeLessThanOrEqual(Math.min(15 * 60_000, 1_000 * 2 ** (index + 1)));
    expect(Math.max(...delays)).toBeGreaterThan(4_000);
    bed.heal();
    while (bed.queued("qa") > 0) await bed.deliver("qa");
    expect(await bed.decisions("t")).toEqual(["handoff", "handoff", "complete"]);
  });

  it("count when the lease was lost while the queue answered", async () => {
    const qa = scriptedAgent(
      "qa",
      ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", reject)),
    );
    const bed = createBed({ agents: [qa], maxAttempts: 1 });
    await bed.relay.start({ to: "qa", taskId: "t" });
    const delivery = await bed.receive("qa");
    if (delivery === undefined) throw new Error("nothing received");
    const outcome = bed.handle("qa", { ...delivery, extend: async () => "lease-lost" });
    expect(await bed.settled(outcome)).toEqual({ status: "released", reason: "the lease was lost" });
    expect(qa.turns[0]?.signal.aborted).toBe(true);
    expect(bed.kinds("t")).toContain("attempt_failed:0");
    expect(releases(bed.trace)).toEqual([]);
    expect(await bed.deliver("qa")).toEqual({ status: "committed", decision: "fail" });
  });

  it("begin anew after a retry", async () => {
    const qa = scriptedAgent("qa", (_turn, run) => {
      if (run <= 2) throw new Error("no luck");
      return "done";
    });
    const bed = createBed({ agents: [qa], maxAttempts: 2 });
    const task = await bed.relay.start({ to: "qa", taskId: "t" });
    await bed.deliver("qa");
    await bed.deliver("qa");
    await task.retry({ head: (await task.head()).head });
    expect(await bed.deliver("qa")).toMatchObject({ decision: "complete" });
    expect(qa.turns.map(({ attempt }) => attempt.number)).toEqual([1, 2, 1]);
  });

  it("are at most one more for a message that a redrive made anew", async () => {
    const qa = throwing();
    const bed = createBed({ agents: [qa], maxAttempts: 2, maxReceiveCount: 2 });
    await bed.relay.start({ to: "qa", taskId: "t" });
    await bed.deliver("qa");
    const delivery = await bed.receive("qa");
    await delivery?.reject("an operator's doing");
    await bed.backend.transport.redrive({ relayId: "relay", agent: "qa" });
    while (bed.queued("qa") > 0) await bed.deliver("qa");
    expect(await bed.decisions("t")).toEqual(["handoff", "fail"]);
    expect(qa.turns.length).toBeLessThanOrEqual(3);
  });

  it("are none for messages that were redriven after their task had moved on, in whatever order", async () => {
    const [first, second] = [passesTo("first", "second"), finishes("second")];
    const bed = createBed({ agents: [first, second] });
    await bed.relay.start({ to: "first", taskId: "t" });
    await bed.deliver("first");
    await bed.deliver("second");
    for (const agent of ["second", "first"]) {
      await bed.send("t", { generation: 0 }, agent === "first" ? 0 : 1);
      await (await bed.receive(agent))?.reject("received too often");
      expect(await bed.backend.transport.redrive({ relayId: "relay", agent })).toBe(1);
      expect(await bed.deliver(agent)).toEqual({ status: "helped" });
    }
    expect([first.turns.length, second.turns.length]).toEqual([1, 1]);
    expect(await bed.decisions("t")).toEqual(["handoff", "handoff", "complete"]);
  });
});
