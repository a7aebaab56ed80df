import { describe, expect, it } from "vitest";
import { createBed } from "../testing/bed.js";
import { scriptedAgent } from "../testing/scripted-agent.js";

const MINUTE = 60_000;

describe("the hop deadline", () => {
  it("is 15 minutes unless something else is said, and ends a run whose promise never settles, after the grace", async () => {
    const stuck = scriptedAgent("qa", () => new Promise(() => {}));
    const bed = createBed({ agents: [stuck] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    const delivery = await bed.receive("qa");
    if (delivery === undefined) throw new Error("nothing received");
    const outcome = bed.handle("qa", delivery);
    await bed.clock.advance(15 * MINUTE - 1);
    expect(stuck.turns[0]?.signal.aborted).toBe(false);
    await bed.clock.advance(1);
    expect(stuck.turns[0]?.signal.aborted).toBe(true);
    await bed.clock.advance(10_000 - 1);
    expect(bed.kinds("t")).not.toContain("attempt_failed:0");
    await bed.clock.advance(1);
    expect(await bed.settled(outcome)).toEqual({ status: "released", reason: "qa threw" });
    const failed = (await bed.events("t")).find(({ kind }) => kind === "attempt_failed");
    expect(failed?.detail.error).toMatchObject({
      message: "the run did not end within 900000 ms (the hop's deadline)",
    });
    expect(bed.observed).toContainEqual(expect.objectContaining({ kind: "run-ended", ending: "deadline" }));
  });

  it("is each agent's own where it has one", async () => {
    const quick = scriptedAgent("qa", () => new Promise(() => {}), { deadlineMs: 50 });
    const bed = createBed({ agents: [quick], hopDeadlineMs: MINUTE, graceMs: 5, maxAttempts: 1 });
    const task = await bed.relay.start({ to: "qa", taskId: "t" });
    expect(await bed.deliver("qa")).toMatchObject({ decision: "fail" });
    expect(await task.result()).toMatchObject({ error: { message: expect.stringContaining("50 ms") } });
  });

  it("does not use what a run returns after it was told to stop", async () => {
    const late = scriptedAgent(
      "qa",
      ({ signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve("half of it"))),
    );
    const bed = createBed({ agents: [late], maxAttempts: 1 });
    const task = await bed.relay.start({ to: "qa", taskId: "t" });
    await bed.deliver("qa");
    expect(await task.result()).toMatchObject({ status: "failed" });
  });
});

describe("a task's own deadline", () => {
  it("bounds a run, and is checked by each delivery", async () => {
    const stuck = scriptedAgent("qa", () => new Promise(() => {}));
    const bed = createBed({ agents: [stuck] });
    const task = await bed.relay.start({ to: "qa", taskId: "t", deadlineMs: 20_000 });
    expect(await bed.deliver("qa")).toMatchObject({ status: "released" });
    const failed = (await bed.events("t")).find(({ kind }) => kind === "attempt_failed");
    expect(failed?.detail.error).toMatchObject({ message: expect.stringContaining("the task's deadline") });
    expect(await bed.deliver("qa")).toEqual({ status: "committed", decision: "fail" });
    expect(stuck.turns).toHaveLength(1);
    expect(await task.result()).toMatchObject({ status: "failed", reason: "the task's deadline has passed" });
  });

  it("does not run while the task is parked, and begins anew at a retry", async () => {
    const qa = scriptedAgent("qa", (turn, run) =>
      run === 1 ? turn.wait({ question: "go on?" }) : run === 2 ? turn.fail({ reason: "no" }) : "done",
    );
    const bed = createBed({ agents: [qa] });
    const task = await bed.relay.start({ to: "qa", taskId: "t", deadlineMs: 20_000 });
    await bed.deliver("qa");
    await bed.clock.advance(24 * 60 * MINUTE);
    await task.resume({ head: (await task.head()).head, answer: "yes" });
    expect(await bed.deliver("qa")).toMatchObject({ decision: "fail" });
    expect((await bed.head("t")).decision).toMatchObject({ reason: "no" });
    await bed.clock.advance(24 * 60 * MINUTE);
    await task.retry({ head: (await task.head()).head });
    await bed.clock.advance(19_000);
    expect(await bed.deliver("qa")).toMatchObject({ decision: "complete" });
  });
});
