import { describe, expect, it } from "vitest";
import { BackendUnusableError, TransportError } from "../../errors/index.js";
import { createBed } from "../testing/bed.js";
import { finishes, passesTo, scriptedAgent } from "../testing/scripted-agent.js";

describe("a worker", () => {
  it("works for every agent that has a run, until it is told to stop", async () => {
    const [research, code] = [passesTo("research", "code"), finishes("code")];
    const bed = createBed({ agents: [research, code] });
    const stop = new AbortController();
    const worker = bed.relay.worker({ signal: stop.signal });
    const tasks = await Promise.all(["a", "b", "c"].map((taskId) => bed.relay.start({ to: "research", taskId })));
    for (const task of tasks) expect(await bed.settled(task.result())).toMatchObject({ output: "what code made" });
    stop.abort();
    await bed.settled(worker);
    expect([research.turns.length, code.turns.length]).toEqual([3, 3]);
    expect(bed.clock.pending).toBe(0);
  });

  it("works for the agents that it is given alone", async () => {
    const [research, code] = [passesTo("research", "code"), finishes("code")];
    const bed = createBed({ agents: [research, code] });
    const stop = new AbortController();
    const worker = bed.relay.worker({ agents: ["research"], signal: stop.signal });
    await bed.relay.start({ to: "research", taskId: "t" });
    await bed.clock.advance(60_000);
    expect([research.turns.length, code.turns.length]).toEqual([1, 0]);
    stop.abort();
    await bed.settled(worker);
  });

  it.each([
    ["names an agent that the relay lacks", { agents: ["nobody"] }],
    ["has no agent to work for", { agents: [] }],
    ["has no room for a run", { concurrency: 0 }],
    ["has half a run's room", { concurrency: 1.5 }],
  ])("that %s is refused with InvalidOptionsError", async (_what, options) => {
    const bed = createBed({ agents: [finishes("qa")] });
    await expect(bed.relay.worker(options)).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
  });

  it("does not begin on a backend that cannot serve its agents, and says what the backend says", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    const asked: (readonly string[])[] = [];
    bed.backend.check = async (_relayId, agents) => {
      asked.push(agents);
      throw new BackendUnusableError("the queue of qa is a standard queue", { reason: "standard-queue" });
    };
    await expect(bed.relay.worker()).rejects.toMatchObject({ reason: "standard-queue" });
    expect(asked).toEqual([["qa"]]);
    expect(bed.clock.pending).toBe(0);
  });

  it("waits for a backend that cannot be asked now, and then begins", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    let outages = 5;
    bed.backend.check = async () => {
      if (outages-- > 0) throw new TransportError("check");
    };
    const stop = new AbortController();
    const worker = bed.relay.worker({ signal: stop.signal });
    const task = await bed.relay.start({ to: "qa", taskId: "t" });
    expect(await bed.settled(task.result())).toMatchObject({ status: "completed" });
    expect(outages).toBeLessThan(0);
    stop.abort();
    await bed.settled(worker);
  });

  it("that is stopped while it waits for its backend ends", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    bed.backend.check = async () => {
      throw new TransportError("check");
    };
    const stop = new AbortController();
    const worker = bed.relay.worker({ signal: stop.signal });
    await bed.clock.advance(60_000);
    stop.abort();
    await bed.settled(worker);
    expect(bed.clock.pending).toBe(0);
  });

  it("runs no more at a time than it may, over all its agents", async () => {
    let running = 0;
    let most = 0;
    const agents = ["a", "b"].map((name) =>
      scriptedAgent(name, async () => {
        most = Math.max(most, ++running);
        await bed.clock.sleep(1_000);
        running--;
      }),
    );
    const bed = createBed({ agents });
    const stop = new AbortController();
    for (let index = 0; index < 12; index++)
      await bed.relay.start({ to: index % 2 === 0 ? "a" : "b", taskId: `t${index}` });
    const worker = bed.relay.worker({ signal: stop.signal, concurrency: 3 });
    for (let index = 0; index < 12; index++) await bed.settled(bed.relay.task(`t${index}`).result());
    expect(most).toBe(3);
    stop.abort();
    await bed.settled(worker);
  });

  it("raises no warning of a leak, however many agents it has and runs it does at a time", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => void warnings.push(warning);
    process.on("warning", onWarning);
    const ends: (() => void)[] = [];
    const agents = Array.from({ length: 15 }, (_, index) =>
      scriptedAgent(`a${index}`, () => new Promise<void>((resolve) => ends.push(resolve))),
    );
    const bed = createBed({ agents });
    const stop = new AbortController();
    const workers = [1, 2].map(() => bed.relay.worker({ signal: stop.signal, concurrency: 20 }));
    for (let index = 0; index < 45; index++)
      await bed.relay.start({ to: `a${index % 15}`, taskId: `t${index}`, input: index });
    while (ends.length < 40) await bed.clock.advance(100);
    // Five wait for room, with a listener each; the others run, with one each.
    stop.abort();
    for (const end of ends) end();
    await bed.settled(Promise.all(workers));
    // Warnings are raised in a turn of their own.
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });

  it("takes no more messages than it can run, so that others can work on the rest", async () => {
    const agents = ["a", "b"].map((name) => scriptedAgent(name, () => new Promise(() => {})));
    const bed = createBed({ agents });
    for (let index = 0; index < 60; index++)
      await bed.relay.start({ to: index % 2 === 0 ? "a" : "b", taskId: `t${index}` });
    const stop = new AbortController();
    // Slow to read: the next batch must not be taken before the first one runs.
    bed.intercept = async (call) => {
      if (call.startsWith("get")) await bed.clock.sleep(500);
    };
    const worker = bed.relay.worker({ signal: stop.signal, concurrency: 4 });
    await bed.clock.advance(5_000);
    const held = [...bed.data.queues.values()]
      .flatMap(({ messages }) => [...messages.values()])
      .filter(({ heldBy }) => heldBy !== undefined);
    // Each of two queues may have given one more in the same moment.
    expect(held.length).toBeLessThanOrEqual(5);
    expect(agents.reduce((sum, { turns }) => sum + turns.length, 0)).toBe(4);
    stop.abort();
    await bed.settled(worker);
  });

  it("waits out an outage of its queue, and goes on", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    const stop = new AbortController();
    bed.fail("receive", "before", 20);
    const worker = bed.relay.worker({ signal: stop.signal });
    const task = await bed.relay.start({ to: "qa", taskId: "t" });
    const begin = bed.clock.now();
    expect(await bed.settled(task.result())).toMatchObject({ status: "completed" });
    expect(bed.clock.now() - begin).toBeGreaterThan(60_000);
    expect(bed.observed.filter(({ kind }) => kind === "worker-error")).toHaveLength(20);
    stop.abort();
    await bed.settled(worker);
  });

  it("leaves a queue alone for a while that holds what it does not understand, at once", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    const stop = new AbortController();
    const worker = bed.relay.worker({ signal: stop.signal, reconcileEveryMs: false });
    await bed.sendBody("qa", JSON.stringify({ v: 2, task_id: "new" }));
    await bed.clock.advance(60_000);
    const receipts = bed.kinds("-").length;
    // Visible again after 2.5 to 7.5 s; taken at most once in each pause of 10 s.
    expect(receipts).toBeGreaterThan(2);
    expect(receipts).toBeLessThanOrEqual(7);
    stop.abort();
    await bed.settled(worker);
  });

  it("leaves it alone anew when it finds so while it does already, in a message that it had received before", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    for (const task of ["one", "two"]) await bed.sendBody("qa", JSON.stringify({ v: 2, task_id: task }), task);
    bed.fail("append not_understood", { delayMs: 8_000 });
    const stop = new AbortController();
    const worker = bed.relay.worker({ signal: stop.signal, reconcileEveryMs: false });
    await bed.clock.advance(17_000);
    // The second one is visible again since 7.5 s at the latest; the pause that the first one calls for ends after 18 s.
    expect(bed.trace.filter((call) => call.startsWith("append not_understood"))).toHaveLength(2);
    await bed.clock.advance(13_000);
    expect(bed.trace.filter((call) => call.startsWith("append not_understood")).length).toBeGreaterThan(2);
    stop.abort();
    await bed.settled(worker);
  });

  it("reconciles by itself, and never when it is told not to", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    await (await bed.receive("qa"))?.acknowledge();
    for (const [reconcileEveryMs, status] of [
      [false, "running"],
      [60_000, "completed"],
    ] as const) {
      const stop = new AbortController();
      const worker = bed.relay.worker({ signal: stop.signal, reconcileEveryMs });
      for (let hour = 0; hour < 2; hour++) await bed.clock.advance(3_600_000);
      expect(await bed.row("t")).toMatchObject({ status });
      stop.abort();
      await bed.settled(worker);
    }
  });
});

describe("two messages of one group in one batch", () => {
  it("are handled one after the other; after one that is given back the later ones are too, so that order is kept", async () => {
    const order: string[] = [];
    const qa = scriptedAgent("qa", (_turn, run) => {
      order.push(`run ${run}`);
      if (run === 1) throw new Error("again");
      return "done";
    });
    const bed = createBed({ agents: [qa] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    await bed.send("t", { generation: 1 });
    const stop = new AbortController();
    const worker = bed.relay.worker({ signal: stop.signal, reconcileEveryMs: false });
    await bed.settled(bed.relay.task("t").result());
    await bed.clock.advance(60_000);
    expect(order).toEqual(["run 1", "run 2"]);
    // The first message again, not the one behind it.
    expect(qa.turns.map(({ attempt }) => attempt.id)).toEqual(["1.1", "1.2"]);
    expect(bed.queued("qa")).toBe(0);
    expect(
      bed.observed.filter(({ kind }) => kind === "delivery-ended").map((event) => "outcome" in event && event.outcome),
    ).toEqual(["released", "committed", "helped"]);
    stop.abort();
    await bed.settled(worker);
  });
});

describe("a worker that is told to stop", () => {
  it("takes nothing new, lets its runs end within the grace, and commits what they return", async () => {
    const qa = scriptedAgent("qa", async () => {
      await bed.clock.sleep(5_000);
      return "just in time";
    });
    const bed = createBed({ agents: [qa] });
    const stop = new AbortController();
    const worker = bed.relay.worker({ signal: stop.signal });
    await bed.relay.start({ to: "qa", taskId: "t" });
    await bed.clock.advance(100);
    stop.abort();
    await bed.relay.start({ to: "qa", taskId: "u" });
    await bed.settled(worker);
    expect(await bed.row("t")).toMatchObject({ status: "completed" });
    expect(await bed.row("u")).toMatchObject({ status: "running" });
    expect(bed.queued("qa")).toBe(1);
  });

  it("aborts runs that do not end, gives their messages back, and they cost no attempt", async () => {
    const qa = scriptedAgent("qa", ({ signal }, run) => {
      if (run > 2) return "done";
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    const bed = createBed({ agents: [qa], maxAttempts: 1 });
    await bed.relay.start({ to: "qa", taskId: "t" });
    for (let life = 0; life < 2; life++) {
      const stop = new AbortController();
      const worker = bed.another().relay.worker({ signal: stop.signal });
      await bed.clock.advance(1_000);
      stop.abort();
      await bed.settled(worker);
    }
    expect(await bed.deliver("qa")).toMatchObject({ decision: "complete" });
    expect(bed.kinds("t").filter((kind) => kind === "attempt_released:0")).toHaveLength(2);
  });

  it("leaves behind a run whose promise never settles", async () => {
    const bed = createBed({ agents: [scriptedAgent("qa", () => new Promise(() => {}))] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    const stop = new AbortController();
    const worker = bed.relay.worker({ signal: stop.signal });
    await bed.clock.advance(1_000);
    const begin = bed.clock.now();
    stop.abort();
    await bed.settled(worker);
    expect(bed.clock.now() - begin).toBeLessThan(30_000);
    expect(bed.clock.pending).toBe(0);
  });

  it("before it has begun does nothing", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    await bed.relay.start({ to: "qa", taskId: "t" });
    await bed.settled(bed.relay.worker({ signal: AbortSignal.abort() }));
    expect(bed.trace).not.toContain("receive qa");
  });
});

describe("two workers on one backend", () => {
  it("share the work: every task ends, and no hop is committed or run twice", async () => {
    const [research, code] = [passesTo("research", "code"), finishes("code")];
    const bed = createBed({ agents: [research, code] });
    const stop = new AbortController();
    const workers = [bed, bed.another()].map(({ relay }) => relay.worker({ signal: stop.signal, concurrency: 2 }));
    const ids = Array.from({ length: 25 }, (_, index) => `t${index}`);
    for (const taskId of ids) await bed.relay.start({ to: "research", taskId, input: taskId });
    for (const taskId of ids)
      expect(await bed.settled(bed.relay.task(taskId).result())).toMatchObject({ status: "completed" });
    expect([research.turns.length, code.turns.length]).toEqual([25, 25]);
    for (const taskId of ids) expect(await bed.relay.task(taskId).verify()).toMatchObject({ ok: true, hops: 3 });
    stop.abort();
    await bed.settled(Promise.all(workers));
  });
});
