import { describe, expect, it } from "vitest";
import { declareAgent } from "../agent/agent.js";
import { type Bed, createBed } from "../testing/bed.js";
import { finishes, scriptedAgent } from "../testing/scripted-agent.js";

async function received(bed: Bed, agent = "qa") {
  const delivery = await bed.receive(agent);
  if (delivery === undefined) throw new Error("nothing was received");
  return delivery;
}

const neverEnds = () => scriptedAgent("qa", () => new Promise(() => {}));

describe("handle", () => {
  it("does what a worker does with a delivery, and tells what became of it", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    const outcome = bed.relay.handle(await received(bed), { agent: "qa" });
    expect(await bed.settled(outcome)).toEqual({ status: "committed", decision: "complete" });
    expect(bed.observed.map(({ kind }) => kind)).toContain("delivery-ended");
    expect(bed.queued("qa")).toBe(0);
  });

  it("gives the run back once its signal is aborted, which costs no attempt", async () => {
    const bed = createBed({ agents: [neverEnds()] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    const stop = new AbortController();
    const outcome = bed.relay.handle(await received(bed), { agent: "qa", signal: stop.signal });
    await bed.clock.advance(1_000);
    stop.abort();
    expect(await bed.settled(outcome)).toMatchObject({ status: "released" });
    expect(bed.kinds("t")).toEqual(["committed:0", "attempt_started:0", "attempt_released:0"]);
    expect(bed.clock.pending).toBe(0);
  });

  it("runs nothing where its signal was aborted before", async () => {
    const qa = finishes("qa");
    const bed = createBed({ agents: [qa] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    const outcome = bed.relay.handle(await received(bed), { agent: "qa", signal: AbortSignal.abort() });
    expect(await bed.settled(outcome)).toMatchObject({ status: "released" });
    expect(qa.turns).toHaveLength(0);
  });

  it("aborts a run at the process's deadline, at the cost of an attempt, and says whose limit it was", async () => {
    const qa = neverEnds();
    const bed = createBed({ agents: [qa] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    const processDeadline = { at: bed.clock.now() + 60_000, whose: "this function's time limit; use a worker" };
    const outcome = bed.relay.handle(await received(bed), { agent: "qa", processDeadline });
    await bed.clock.advance(59_999);
    expect(qa.turns[0]?.signal.aborted).toBe(false);
    await bed.clock.advance(1);
    expect(qa.turns[0]?.signal.aborted).toBe(true);
    expect(await bed.settled(outcome)).toMatchObject({ status: "released" });
    const failed = (await bed.events("t")).find(({ kind }) => kind === "attempt_failed");
    expect(JSON.stringify(failed?.detail)).toContain("within 60000 ms (this function's time limit; use a worker)");
  });

  it("keeps the hop's own deadline where that comes first", async () => {
    const bed = createBed({ agents: [neverEnds()], hopDeadlineMs: 1_000 });
    await bed.relay.start({ to: "qa", taskId: "t" });
    const processDeadline = { at: bed.clock.now() + 60_000, whose: "this function's time limit" };
    await bed.settled(bed.relay.handle(await received(bed), { agent: "qa", processDeadline }));
    const failed = (await bed.events("t")).find(({ kind }) => kind === "attempt_failed");
    expect(JSON.stringify(failed?.detail)).toContain("within 1000 ms (the hop's deadline)");
  });

  it("is refused for an agent that this process cannot run", async () => {
    const bed = createBed({ agents: [finishes("qa"), declareAgent({ name: "code" })] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    const delivery = await received(bed);
    await expect(bed.relay.handle(delivery, { agent: "code" })).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
    await expect(bed.relay.handle(delivery, { agent: "nobody" })).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  });
});
