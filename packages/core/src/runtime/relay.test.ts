import { describe, expect, it, vi } from "vitest";
import { fakeClock, memory } from "../memory/index.js";
import { declareAgent, defineAgent } from "./agent/agent.js";
import { createRelay } from "./relay.js";
import { createBed } from "./testing/bed.js";
import { finishes, passesTo, scriptedAgent } from "./testing/scripted-agent.js";

describe("run", () => {
  it("starts, works in this process, and returns how the task rests", async () => {
    const bed = createBed({ agents: [passesTo("research", "code"), finishes("code")] });
    const result = await bed.settled(bed.relay.run({ to: "research", taskId: "t", input: 1 }));
    expect(result).toMatchObject({ status: "completed", output: "what code made" });
    expect(bed.clock.pending).toBe(0);
    const asks = createBed({ agents: [scriptedAgent("qa", (turn) => turn.wait({ question: "ok?" }))] });
    expect(await asks.settled(asks.relay.run({ to: "qa" }))).toMatchObject({ status: "waiting", question: "ok?" });
  });

  it("of a task that was started before repeats nothing", async () => {
    const qa = finishes("qa");
    const bed = createBed({ agents: [qa] });
    await bed.settled(bed.relay.run({ to: "qa", taskId: "t" }));
    expect(await bed.settled(bed.relay.run({ to: "qa", taskId: "t" }))).toMatchObject({ status: "completed" });
    expect(qa.turns).toHaveLength(1);
  });

  it("ends with its signal's reason, after its runs were given back, and the task goes on elsewhere", async () => {
    const qa = scriptedAgent("qa", (_turn, run) => (run === 1 ? new Promise(() => {}) : "done"));
    const bed = createBed({ agents: [qa] });
    const stop = new AbortController();
    const running = bed.relay.run({ to: "qa", taskId: "t", signal: stop.signal });
    running.catch(() => {});
    await bed.clock.advance(1_000);
    stop.abort("enough");
    await expect(bed.settled(running)).rejects.toBe("enough");
    expect(bed.clock.pending).toBe(0);
    expect(await bed.another().deliver("qa")).toMatchObject({ status: "committed" });
  });

  it("in a relay that can run nothing is refused before anything is started", async () => {
    const bed = createBed({ agents: [declareAgent({ name: "qa" })] });
    await expect(bed.relay.run({ to: "qa", taskId: "t" })).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
    await expect(bed.relay.run({ to: "qa", concurrency: 0 })).rejects.toMatchObject({ code: "INVALID_OPTIONS" });
    expect(bed.trace).toEqual([]);
  });

  it("whose worker dies rejects with why, and waits for nothing any more", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    Object.assign(bed.relay, { worker: () => Promise.reject(new Error("no queue")) });
    await expect(bed.settled(bed.relay.run({ to: "qa", taskId: "t" }))).rejects.toThrow("no queue");
    expect(bed.clock.pending).toBe(0);
  });
});

describe("an observer", () => {
  it("is told what happens, without content", async () => {
    const bed = createBed({ agents: [passesTo("research", "code"), finishes("code")] });
    await bed.settled(bed.relay.run({ to: "research", taskId: "t", input: "a secret" }));
    expect(bed.observed.map(({ kind }) => kind)).toEqual([
      "committed",
      "run-started",
      "run-ended",
      "committed",
      "delivery-ended",
      "run-started",
      "run-ended",
      "committed",
      "delivery-ended",
    ]);
    expect(JSON.stringify(bed.observed)).not.toMatch(/secret|learned|made/);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("observer");
      },
    ],
    [
      "rejects",
      async () => {
        throw new Error("observer");
      },
    ],
  ])("that %s changes nothing", async (_how, observer) => {
    const bed = createBed({ agents: [finishes("qa")], observer });
    expect(await bed.settled(bed.relay.run({ to: "qa", taskId: "t" }))).toMatchObject({ status: "completed" });
    expect(bed.kinds("t")).not.toContain("attempt_failed:0");
  });
});

describe("a relay", () => {
  it("lists the tasks of a status, as the index knows them", async () => {
    const bed = createBed({
      agents: [scriptedAgent("qa", (turn) => (turn.context.taskId === "a" ? "done" : turn.wait()))],
    });
    for (const taskId of ["a", "b", "c"]) await bed.relay.start({ to: "qa", taskId });
    await bed.deliver("qa");
    await bed.deliver("qa");
    const list = async (query?: Parameters<typeof bed.relay.tasks>[0]) => {
      const rows: string[] = [];
      for await (const { taskId, status } of bed.relay.tasks(query)) rows.push(`${taskId}:${status}`);
      return rows.toSorted();
    };
    expect(await list()).toEqual(["a:completed", "b:waiting", "c:running"]);
    expect(await list({ status: "waiting" })).toEqual(["b:waiting"]);
  });

  it("owns its queues, keys and tasks alone: another on the same backend never sees them", async () => {
    const bed = createBed({ agents: [finishes("qa")] });
    const other = createRelay({
      id: "other",
      agents: [defineAgent({ name: "qa", run: () => 1 })],
      backend: bed.backend,
      clock: bed.clock,
    });
    await bed.relay.start({ to: "qa", taskId: "t" });
    await expect(other.task("t").head()).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
    await other.start({ to: "qa", taskId: "t", input: "another input" });
    expect(await bed.deliver("qa")).toMatchObject({ status: "committed" });
    expect(await other.task("t").head()).toMatchObject({ state: "running", hop: 0 });
  });

  it("touches nothing outside its prefix", async () => {
    const clock = fakeClock();
    const backend = { ...memory({ clock }), prefix: "team/a/" };
    const keys: string[] = [];
    const put = backend.store.putIfAbsent;
    vi.spyOn(backend.store, "putIfAbsent").mockImplementation((key, ...rest) => {
      keys.push(key);
      return put(key, ...rest);
    });
    const relay = createRelay({ id: "r", agents: [defineAgent({ name: "qa", run: () => 1 })], backend, clock });
    await relay.start({ to: "qa", taskId: "t", input: new Uint8Array(70_000) });
    expect(keys.every((key) => key.startsWith("team/a/r/"))).toBe(true);
    expect(keys).toHaveLength(2);
    expect(() =>
      createRelay({
        id: "r",
        agents: [defineAgent({ name: "qa", run: () => 1 })],
        backend: { ...backend, prefix: "team" },
      }),
    ).toThrow(expect.objectContaining({ code: "INVALID_OPTIONS" }));
  });

  it("works with no cache at all", async () => {
    const bed = createBed({
      agents: [
        scriptedAgent(
          "loop",
          (turn) => (turn.context.hop < 20 ? turn.handoff("loop", { output: turn.context.hop }) : "done"),
          { handsTo: ["loop"] },
        ),
      ],
      cacheBytes: 0,
    });
    expect(await bed.settled(bed.relay.run({ to: "loop", taskId: "t" }))).toMatchObject({
      status: "completed",
      hop: 21,
    });
    expect((await bed.relay.task("t").context()).outputs()).toEqual(
      [...Array(21).keys()].slice(0, 20).concat("done" as never),
    );
    expect(bed.environment.chains.get("t")).toBeUndefined();
  });

  it("closes its backend", async () => {
    const backend = memory();
    const relay = createRelay({ id: "r", agents: [defineAgent({ name: "qa", run: () => 1 })], backend });
    await relay.close();
    await expect(relay.start({ to: "qa" })).rejects.toMatchObject({ code: "AUDIT", retryable: false });
  });
});
