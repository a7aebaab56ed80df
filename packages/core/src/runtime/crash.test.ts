import { describe, expect, it } from "vitest";
import {
  CRASH_POINTS,
  type Crash,
  type CrashPoint,
  crashAfter,
  fakeClock,
  type MortalBackend,
  memory,
  memoryData,
  seededRandom,
} from "../memory/index.js";
import { defineAgent } from "./agent/agent.js";
import { collect } from "./collect.js";
import { createRelay, type Relay } from "./relay.js";
import type { TaskResult } from "./task/result.js";

type Name = "research" | "write" | "ask";

interface Process {
  readonly backend: MortalBackend;
  readonly relay: Relay<Name>;
}

/** One relay, of which every handle on the data is a process. */
function createWorld({ writeFailsFirst = false } = {}) {
  const clock = fakeClock();
  const data = memoryData();
  const runs: string[] = [];
  let seed = 0;

  function open(crash?: Crash): Process {
    const backend = memory({ data, clock, crash });
    const research = defineAgent({
      name: "research",
      handsTo: ["write"],
      async run({ handoff }) {
        runs.push("research");
        return handoff("write", { output: "found", artifacts: [{ name: "a.bin", data: new Uint8Array(100_000) }] });
      },
    });
    const write = defineAgent({
      name: "write",
      async run({ context, attempt }) {
        runs.push("write");
        if (writeFailsFirst && attempt.number === 1) throw new Error("no ink");
        return `wrote what research ${context.latest("research")}`;
      },
    });
    const ask = defineAgent({
      name: "ask",
      async run({ context, wait, fail }) {
        runs.push("ask");
        if (context.answer === undefined) return wait({ question: "go on?" });
        return context.answer === "no" ? fail({ reason: "they said no" }) : context.answer;
      },
    });
    const relay = createRelay({
      id: "crash",
      agents: [research, write, ask],
      backend,
      // Two processes must not draw the same ids.
      random: seededRandom(++seed),
    });
    return { backend, relay };
  }

  /** A process that was asked for something, and died of it. */
  async function diesOf(crash: Crash, act: (relay: Relay<Name>) => Promise<unknown>): Promise<void> {
    const { backend, relay } = open(crash);
    let settled = false;
    const settle = () => {
      settled = true;
    };
    act(relay).then(settle, settle);
    await clock.until(backend.crashed);
    await clock.advance(1_000);
    expect(settled).toBe(false);
  }

  /** Another process works until the task rests, and everything is in order then. */
  async function goesOn(taskId = "t"): Promise<TaskResult> {
    const { relay } = open();
    const stop = new AbortController();
    const worker = relay.worker({ signal: stop.signal });
    const task = relay.task(taskId);
    const result = await clock.until(task.result());
    // Long enough for the reconciler, which finishes what callers left behind.
    await clock.advance(2 * 60 * 60_000);
    stop.abort();
    await clock.until(worker);
    expect((await task.verify()).problems).toEqual([]);
    expect(data.intents.get("crash")?.size ?? 0).toBe(0);
    for (const queue of data.queues.values()) expect([queue.messages.size, queue.dead.size]).toEqual([0, 0]);
    return result;
  }

  /** Each hop's decision, as the audit tells it. */
  async function decisions(): Promise<unknown[]> {
    const events = await collect(open().backend.audit.events("crash", "t"));
    return events.filter(({ kind }) => kind === "committed").map(({ detail }) => detail.decision);
  }

  return { clock, runs, open, diesOf, goesOn, decisions };
}

const request = { to: "research", taskId: "t" } as const;
const DONE = { status: "completed", output: "wrote what research found" };

/** Of how many runs of the agent a crash at a point is the reason. */
const RUNS: Partial<Record<CrashPoint, number>> = { "attempt-started": 0, run: 1, "attempt-failed": 1, release: 1 };
const runsBefore = (point: CrashPoint): number => RUNS[point] ?? 0;

describe("when a worker dies", () => {
  it.each(CRASH_POINTS.worker)(
    "after %s, the task is done by another, and its agent runs again only if it must",
    async (point) => {
      const world = createWorld();
      await world.diesOf(crashAfter(point, { agent: "research" }), (relay) => relay.run(request));
      expect(await world.goesOn()).toMatchObject(DONE);
      const repeated = Array.from({ length: runsBefore(point) }, () => "research");
      expect(world.runs).toEqual([...repeated, "research", "write"]);
      expect(await world.decisions()).toEqual(["handoff", "handoff", "complete"]);
    },
  );

  it.each(CRASH_POINTS.worker.filter((point) => point !== "send"))(
    "after %s in the last step, its result is there all the same",
    async (point) => {
      const world = createWorld();
      await world.diesOf(crashAfter(point, { agent: "write" }), (relay) => relay.run(request));
      expect(await world.goesOn()).toMatchObject(DONE);
      const repeated = Array.from({ length: runsBefore(point) }, () => "write");
      expect(world.runs).toEqual(["research", ...repeated, "write"]);
    },
  );

  it.each(CRASH_POINTS.workerWhoseAgentThrows)("after %s of an agent that throws, it is tried again", async (point) => {
    const world = createWorld({ writeFailsFirst: true });
    await world.diesOf(crashAfter(point, { agent: "write" }), (relay) => relay.run(request));
    expect(await world.goesOn()).toMatchObject(DONE);
    // The attempt that died before its run counts too: whether the run began, nobody can know.
    const failures = point === "attempt-started" ? 0 : 1;
    expect(world.runs).toEqual(["research", ...Array.from({ length: failures }, () => "write"), "write"]);
  });

  it("after it stored a file that no handoff names, the file is stored again and all is well", async () => {
    const world = createWorld();
    await world.diesOf(crashAfter("blob"), (relay) => relay.run(request));
    expect(await world.goesOn()).toMatchObject(DONE);
    expect(world.runs).toEqual(["research", "research", "write"]);
  });

  it("in the middle of a run, the agent goes no further, and runs again elsewhere", async () => {
    const clock = fakeClock();
    const data = memoryData();
    const steps: string[] = [];
    const open = (dies: boolean) => {
      const backend = memory({ data, clock });
      const agent = defineAgent({
        name: "a",
        async run() {
          steps.push("charge");
          if (dies) await backend.crash();
          steps.push("ship");
          return "done";
        },
      });
      return { backend, relay: createRelay({ id: "r", agents: [agent], backend }) };
    };
    const doomed = open(true);
    void doomed.relay.run({ to: "a", taskId: "t" });
    await clock.until(doomed.backend.crashed);
    const result = await clock.until(open(false).relay.run({ to: "a", taskId: "t" }));
    expect(result).toMatchObject({ status: "completed" });
    expect(steps).toEqual(["charge", "charge", "ship"]);
  });

  it("of the same task again and again, the task fails by maxAttempts instead of killing workers for ever", async () => {
    const world = createWorld();
    const crash = crashAfter("attempt-started", { agent: "research" });
    await world.diesOf(crash, (relay) => relay.run(request));
    for (let deaths = 1; deaths < 3; deaths++) await world.diesOf(crash, (relay) => relay.worker());
    expect(await world.goesOn()).toMatchObject({ status: "failed", reason: expect.stringContaining("3 times") });
    expect(world.runs).toEqual([]);
  });
});

describe("when a caller dies", () => {
  it("after intent, no task exists, and the same start by another is the first", async () => {
    const world = createWorld();
    await world.diesOf(crashAfter("intent"), (relay) => relay.start(request));
    const { relay } = world.open();
    await expect(relay.task("t").head()).rejects.toMatchObject({ code: "TASK_NOT_FOUND" });
    await world.clock.until(relay.start(request));
    expect(await world.goesOn()).toMatchObject(DONE);
    expect(world.runs).toEqual(["research", "write"]);
  });

  it.each(CRASH_POINTS.caller.filter((point) => point !== "intent"))(
    "in start after %s, the task is done without the caller",
    async (point) => {
      const world = createWorld();
      await world.diesOf(crashAfter(point), (relay) => relay.start(request));
      expect(await world.goesOn()).toMatchObject(DONE);
      expect(world.runs).toEqual(["research", "write"]);
      expect(await world.decisions()).toEqual(["handoff", "handoff", "complete"]);
    },
  );

  it.each(CRASH_POINTS.caller)(
    "in resume after %s, the answer is applied once, by whoever asks again",
    async (point) => {
      const world = createWorld();
      const { relay } = world.open();
      const asked = await world.clock.until(relay.run({ to: "ask", taskId: "t" }));
      if (asked.status !== "waiting") throw new Error(`expected a question, got ${asked.status}`);
      const answer = { head: asked.head, answer: "yes" };
      await world.diesOf(crashAfter(point), (doomed) => doomed.task("t").resume(answer));
      await world.clock.until(relay.task("t").resume(answer));
      expect(await world.goesOn()).toMatchObject({ status: "completed", output: "yes" });
      expect(world.runs).toEqual(["ask", "ask"]);
      expect(await world.decisions()).toEqual(["handoff", "wait", "handoff", "complete"]);
    },
  );

  it.each(CRASH_POINTS.caller)(
    "in retry after %s, the task is tried once more, by whoever asks again",
    async (point) => {
      const world = createWorld();
      const { relay } = world.open();
      const asked = await world.clock.until(relay.run({ to: "ask", taskId: "t" }));
      if (asked.status !== "waiting") throw new Error(`expected a question, got ${asked.status}`);
      await world.clock.until(relay.task("t").resume({ head: asked.head, answer: "no" }));
      const failed = await world.goesOn();
      if (failed.status !== "failed") throw new Error(`expected a failure, got ${failed.status}`);
      await world.diesOf(crashAfter(point), (doomed) => doomed.task("t").retry({ head: failed.head }));
      await world.clock.until(relay.task("t").retry({ head: failed.head }));
      expect(await world.goesOn()).toMatchObject({ status: "failed" });
      expect(await world.decisions()).toEqual(["handoff", "wait", "handoff", "fail", "handoff", "fail"]);
    },
  );

  it.each(CRASH_POINTS.caller.filter((point) => point !== "send"))(
    "in cancel after %s, the task ends once, by whoever asks again",
    async (point) => {
      const world = createWorld();
      const { relay } = world.open();
      await world.clock.until(relay.start(request));
      await world.diesOf(crashAfter(point), (doomed) => doomed.task("t").cancel());
      expect(await world.clock.until(relay.task("t").cancel())).toBe("canceled");
      expect(await world.goesOn()).toMatchObject({ status: "canceled" });
      expect(world.runs).toEqual([]);
      expect(await world.decisions()).toEqual(["handoff", "cancel"]);
    },
  );
});
