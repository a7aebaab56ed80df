import { describe, expect, it } from "vitest";
import { createBed, VISIBILITY_MS } from "../testing/bed.js";
import { finishes, passesTo, scriptedAgent } from "../testing/scripted-agent.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Visibility plus the hop deadline. */
const BASE = VISIBILITY_MS + 15 * MINUTE;

const nothing = {
  tasks: 0,
  resent: 0,
  deadlinesPassed: 0,
  intentsFinished: 0,
  intentsClosed: 0,
  eventsAppended: 0,
  swept: 0,
  damaged: [],
  failed: [],
};

async function started(options: Partial<Parameters<typeof createBed>[0]> = {}) {
  const [research, code] = [passesTo("research", "code"), finishes("code")];
  const bed = createBed({ agents: [research, code], ...options });
  const task = await bed.relay.start({ to: "research", taskId: "t", input: "x" });
  return { research, code, bed, task };
}

describe("the reconciler", () => {
  it("sends the envelope of a silent task again, with the next generation, after gaps that double, each audited first", async () => {
    const { bed } = await started();
    await (await bed.receive("research"))?.acknowledge();
    const times: number[] = [];
    const begin = bed.clock.now();
    while (times.length < 3) {
      await bed.clock.advance(MINUTE);
      const { resent } = await bed.relay.reconcile();
      if (resent === 0) continue;
      times.push(bed.clock.now() - begin);
      expect(bed.queued("research")).toBe(1);
      const message = await bed.receive("research");
      expect(JSON.parse(message?.body ?? "{}")).toMatchObject({ hop: 0, generation: times.length });
      await message?.acknowledge();
    }
    const gaps = times.map((time, index) => time - (times[index - 1] ?? 0));
    for (const [index, gap] of gaps.entries()) expect(gap - BASE * 2 ** (index + 1)).toBeLessThanOrEqual(MINUTE);
    for (const [index, gap] of gaps.entries()) expect(gap).toBeGreaterThan(BASE * 2 ** (index + 1));
    const resends = (await bed.events("t")).filter(({ kind }) => kind === "resent");
    expect(resends.map(({ hop, detail }) => [hop, detail.generation])).toEqual([
      [0, 1],
      [0, 2],
      [0, 3],
    ]);
    expect(bed.trace.indexOf("append resent:0")).toBeLessThan(bed.trace.indexOf("send research:0.1"));
  });

  it("recovers a message that is lost, even one whose re-send was swallowed", async () => {
    const { bed, research } = await started();
    await (await bed.receive("research"))?.acknowledge();
    bed.fail("send research:0.1", "before");
    for (let hours = 0; hours < 3; hours++) {
      await bed.clock.advance(HOUR);
      await bed.relay.reconcile();
    }
    expect(await bed.deliver("research")).toMatchObject({ status: "committed" });
    expect(research.turns).toHaveLength(1);
  });

  it("goes on past the dead-letter queue", async () => {
    const { bed, research } = await started({ maxReceiveCount: 2 });
    const unlucky = bed.another();
    unlucky.fail("get slot:0", "before", 2);
    for (let time = 0; time < 2; time++) await unlucky.deliver("research");
    await bed.clock.advance(MINUTE);
    expect(await bed.receive("research")).toBeUndefined();
    expect(await bed.deadLetters("research")).toHaveLength(1);
    await bed.clock.advance(HOUR);
    expect(await bed.relay.reconcile()).toMatchObject({ resent: 1 });
    expect(await bed.deliver("research")).toMatchObject({ status: "committed" });
    expect(research.turns).toHaveLength(1);
  });

  it("and workers whose clocks differ by ten minutes either way do no harm", async () => {
    const { bed, research, code } = await started();
    const [fast, slow] = [bed.another({ skewMs: 10 * MINUTE }), bed.another({ skewMs: -10 * MINUTE })];
    await fast.deliver("research");
    for (let minutes = 0; minutes < 60; minutes++) {
      await bed.clock.advance(MINUTE);
      for (const { relay } of [fast, slow, bed]) await relay.reconcile();
    }
    await slow.deliver("code");
    while (bed.queued("code") > 0) await fast.deliver("code");
    expect([research.turns.length, code.turns.length]).toEqual([1, 1]);
    expect(await bed.relay.task("t").verify()).toMatchObject({ ok: true, hops: 3 });
  });

  it("never fails a task by age: a backlog of 20 days is only a backlog", async () => {
    const { bed, code } = await started();
    for (let days = 0; days < 20; days++) {
      await bed.clock.advance(24 * HOUR);
      await bed.relay.reconcile();
      await bed.relay.reconcile({ full: true });
    }
    expect(await bed.row("t")).toMatchObject({ status: "running" });
    while (bed.queued("research") > 0) await bed.deliver("research");
    while (bed.queued("code") > 0) await bed.deliver("code");
    expect(await bed.row("t")).toMatchObject({ status: "completed" });
    expect(code.turns).toHaveLength(1);
  });

  it("leaves alone what has moved within olderThanMs, and what rests", async () => {
    const { bed, task } = await started();
    expect(await bed.relay.reconcile()).toEqual(nothing);
    expect(await bed.relay.reconcile({ olderThanMs: 0 })).toEqual({ ...nothing, tasks: 1 });
    await task.cancel();
    await bed.clock.advance(48 * HOUR);
    expect(await bed.relay.reconcile()).toEqual(nothing);
  });

  it("reads of a backlog, while nothing can be due, one slot for each task and only once", async () => {
    const { bed } = await started();
    for (const taskId of ["u", "v"]) await bed.relay.start({ to: "research", taskId });
    const reads = async () => {
      bed.trace.length = 0;
      const { tasks, resent } = await bed.relay.reconcile();
      return { tasks, resent, reads: bed.trace.filter((call) => /^(get|list) slot/.test(call)) };
    };
    await bed.clock.advance(MINUTE);
    expect(await reads()).toEqual({ tasks: 0, resent: 0, reads: ["get slot:0", "get slot:0", "get slot:0"] });
    for (let minutes = 0; minutes < 28; minutes++) {
      await bed.clock.advance(MINUTE);
      expect(await reads()).toEqual({ tasks: 0, resent: 0, reads: [] });
    }
    await bed.clock.advance(2 * MINUTE);
    expect(await reads()).toMatchObject({ tasks: 3, resent: 3 });
    // Whoever asks for more is given more.
    expect(await bed.relay.reconcile({ olderThanMs: MINUTE })).toMatchObject({ tasks: 3, resent: 0 });
    for (let minutes = 0; minutes < 30; minutes++) {
      await bed.clock.advance(MINUTE);
      expect(await reads()).toEqual({ tasks: 0, resent: 0, reads: [] });
    }
  });

  it("looks again as soon as a deadline passes, also one that began anew, and not before", async () => {
    const bed = createBed({
      agents: [scriptedAgent("qa", (turn, run) => (run === 1 ? turn.fail({ reason: "no" }) : "ok"))],
    });
    const task = await bed.relay.start({ to: "qa", taskId: "t", deadlineMs: 5 * MINUTE });
    await bed.clock.advance(4 * MINUTE);
    await bed.deliver("qa");
    await bed.clock.advance(HOUR);
    await task.retry({ head: (await task.head()).head });
    for (let minutes = 0; minutes < 4; minutes++) {
      await bed.clock.advance(MINUTE);
      // The first slot alone tells of the earlier deadline: worth one look.
      expect(await bed.relay.reconcile()).toMatchObject({ tasks: minutes === 0 ? 1 : 0, deadlinesPassed: 0 });
    }
    await bed.clock.advance(MINUTE);
    expect(await bed.relay.reconcile()).toMatchObject({ tasks: 1, deadlinesPassed: 1 });
  });

  it("finds within one silence, however far away the next re-send, a head that nobody told of", async () => {
    const { bed } = await started();
    for (let hours = 0; hours < 12; hours++) {
      await bed.clock.advance(HOUR);
      await bed.relay.reconcile();
    }
    const worker = bed.another();
    const delivery = await worker.receive("research");
    if (delivery === undefined) throw new Error("nothing received");
    worker.die("append committed:1");
    worker.handle("research", delivery).catch(() => {});
    await bed.clock.advance(0);
    expect(await bed.row("t")).toMatchObject({ headHop: 0 });
    let minutes = 0;
    for (; (await bed.row("t"))?.headHop === 0; minutes++) {
      await bed.clock.advance(MINUTE);
      await bed.relay.reconcile();
    }
    expect(minutes * MINUTE).toBeLessThanOrEqual(2 * BASE + MINUTE);
  });

  it("tries a task again that could not be looked at, and forgets those that have ended", async () => {
    const { bed, task } = await started();
    await bed.clock.advance(HOUR);
    bed.fail("append resent:0", "before");
    expect(await bed.relay.reconcile()).toMatchObject({
      resent: 0,
      failed: [{ taskId: "t", error: { code: "AUDIT" } }],
    });
    expect(await bed.relay.reconcile()).toMatchObject({ resent: 1, failed: [] });
    expect(bed.environment.outlook.size).toBe(1);
    await task.cancel();
    await bed.relay.reconcile();
    expect(bed.environment.outlook.size).toBe(0);
  });

  it("brings a row forward whose commit was never audited, and fails a task whose own deadline has passed", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    const task = await bed.relay.start({ to: "qa", taskId: "t", deadlineMs: 5 * MINUTE });
    await bed.clock.advance(4 * MINUTE);
    expect(await bed.relay.reconcile()).toMatchObject({ deadlinesPassed: 0 });
    await bed.clock.advance(MINUTE);
    bed.fail("append committed:1", "before");
    expect(await bed.relay.reconcile()).toMatchObject({ failed: [{ taskId: "t", error: { code: "AUDIT" } }] });
    expect(await bed.row("t")).toMatchObject({ status: "running" });
    expect(await bed.relay.reconcile()).toMatchObject({ tasks: 1, failed: [] });
    expect(await bed.row("t")).toMatchObject({ status: "failed" });
    expect(await task.result()).toMatchObject({
      status: "failed",
      agent: null,
      reason: "the task's deadline has passed",
    });
    // A late delivery finds it decided; a retry may follow.
    expect(await bed.deliver("qa")).toEqual({ status: "helped" });
    await task.retry({ head: (await task.head()).head });
    expect(await bed.deliver("qa")).toMatchObject({ decision: "complete" });
  });

  it("goes on to the next task when one cannot be looked at, and names it", async () => {
    const { bed } = await started();
    await bed.relay.start({ to: "research", taskId: "u" });
    const get = bed.backend.store.get;
    for (const error of [new TypeError("a bug"), undefined]) {
      Object.assign(bed.backend.store, {
        get: async (key: string) => {
          if (error !== undefined && key === bed.slotKey("t", 0)) throw error;
          return await get(key);
        },
      });
      const report = await bed.relay.reconcile({ olderThanMs: 0, full: true });
      expect(report.failed).toEqual(error === undefined ? [] : [{ taskId: "t", error }]);
      expect(report.tasks).toBe(error === undefined ? 2 : 1);
    }
  });

  it("needs no more than its signal to stop", async () => {
    const { bed } = await started();
    await expect(bed.relay.reconcile({ olderThanMs: 0, signal: AbortSignal.abort("stop") })).rejects.toBe("stop");
  });
});

describe("damage", () => {
  it("is tested anew by every reconcile, told once, and cleared when the chain verifies again", async () => {
    const { bed } = await started();
    await bed.deliver("research");
    const bytes = await bed.remove(bed.slotKey("t", 0));
    await bed.clock.advance(HOUR);
    for (let time = 0; time < 2; time++)
      expect(await bed.relay.reconcile()).toMatchObject({
        resent: 0,
        damaged: [{ taskId: "t", reason: expect.any(String) }],
      });
    expect(bed.kinds("t").filter((kind) => kind.startsWith("damaged"))).toHaveLength(1);
    expect(await bed.row("t")).toMatchObject({ status: "running", damaged: true });
    await expect(bed.another().relay.task("t").result()).rejects.toMatchObject({ code: "CONTEXT_INTEGRITY" });
    await bed.backend.store.putIfAbsent(bed.slotKey("t", 0), bytes);
    expect(await bed.relay.reconcile()).toMatchObject({ damaged: [] });
    expect(await bed.row("t")).toMatchObject({ damaged: false });
    expect(bed.kinds("t")).toContain("repaired:1");
  });

  it("of a large value stays until the value is back", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    await bed.relay.start({ to: "qa", taskId: "t", input: new Uint8Array(70_000) });
    const [key] = [...bed.data.objects.keys()].filter((each) => each.includes("/blobs/"));
    if (key === undefined) throw new Error("no blob");
    const bytes = await bed.remove(key);
    expect(await bed.deliver("qa")).toMatchObject({ status: "damaged", reason: expect.stringContaining("blob") });
    await bed.relay.reconcile({ olderThanMs: 0 });
    expect(await bed.row("t")).toMatchObject({ damaged: true });
    await bed.backend.store.putIfAbsent(key, bytes);
    await bed.relay.reconcile({ olderThanMs: 0 });
    expect(await bed.row("t")).toMatchObject({ damaged: false });
    expect(await bed.deliver("qa")).toMatchObject({ status: "committed" });
  });
});

describe("the full walk", () => {
  it("finds a task that the log has lost altogether, and appends every event that is missing", async () => {
    const { bed } = await started();
    await bed.deliver("research");
    await bed.deliver("code");
    const before = bed.kinds("t").filter((kind) => kind.startsWith("committed"));
    bed.data.tasks.clear();
    expect(await bed.relay.reconcile({ full: true })).toMatchObject({ tasks: 1, eventsAppended: 2 });
    expect(bed.kinds("t").toSorted()).toEqual(before.toSorted());
    expect(await bed.row("t")).toMatchObject({ status: "completed", headHop: 2 });
    expect(await bed.relay.reconcile({ full: true })).toEqual({ ...nothing, tasks: 1 });
  });

  it("sweeps blobs that no handoff of a final task names, and nothing of a task that goes on", async () => {
    const bed = createBed({ agents: [scriptedAgent("qa", () => new Uint8Array(70_000))] });
    for (const taskId of ["t", "u"]) await bed.relay.start({ to: "qa", taskId, input: new Uint8Array(80_000) });
    await bed.deliver("qa");
    const { keys } = bed.environment;
    for (const taskId of ["t", "u"])
      await bed.backend.store.putIfAbsent(keys.blob(taskId, "0".repeat(64)), new Uint8Array(5));
    await bed.backend.store.putIfAbsent(`${keys.runs("t", 0)}checkpoint`, new Uint8Array(5));
    expect(await bed.relay.reconcile({ full: true })).toMatchObject({ swept: 2, tasks: 2 });
    expect(await bed.relay.task("t").verify()).toMatchObject({ ok: true, blobs: 2 });
    expect(bed.data.objects.has(keys.blob("u", "0".repeat(64)))).toBe(true);
  });

  it("looks at each task once, in any number of processes at a time", async () => {
    const { bed } = await started();
    for (const taskId of ["A", "a", "b-1", "b_2"]) await bed.relay.start({ to: "research", taskId });
    await bed.clock.advance(HOUR);
    const reports = await Promise.all([
      bed.relay.reconcile({ full: true }),
      bed.another().relay.reconcile({ full: true }),
    ]);
    expect(reports.map(({ tasks }) => tasks)).toEqual([5, 5]);
    // Both may have sent again, but with one generation: the queue keeps one.
    expect(bed.queued("research")).toBe(10);
  });
});
