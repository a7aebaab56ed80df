import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Backend, type Clock, createRelay, defineAgent, type Relay, type RelayEvent } from "@agenthandoff/core";
import { type FakeClock, fakeClock } from "@agenthandoff/core/memory";
import { describe, expect, it } from "vitest";
import { DATABASE_FILE } from "./connections.js";
import { local } from "./local.js";
import { openSqlite } from "./sqlite.js";
import { testDirectory } from "./testing/directory.js";
import { smallFileSystem, whyNoMounts } from "./testing/file-system.js";

const noMounts = whyNoMounts();
const HOUR = 3_600_000;
const FINDINGS = new Map([["pages", 3n]]);

interface World {
  readonly relay: Relay<"first" | "second">;
  /** The runs so far, by agent. */
  readonly runs: string[];
  readonly events: RelayEvent[];
}

/** A relay of two agents: what the first finds the second returns. */
function relayOn(backend: Backend, clock: Clock, during: () => Promise<void> | void = () => {}): World {
  const runs: string[] = [];
  const events: RelayEvent[] = [];
  const first = defineAgent({
    name: "first",
    handsTo: ["second"],
    async run({ handoff }) {
      runs.push("first");
      await during();
      return handoff("second", { output: FINDINGS });
    },
  });
  const second = defineAgent({
    name: "second",
    run({ context }) {
      runs.push("second");
      return context.latest("first");
    },
  });
  const observer = (event: RelayEvent) => void events.push(event);
  const relay = createRelay({ id: "relay", agents: [first, second], backend, clock, observer });
  return { relay, runs, events };
}

/** Lets time pass until something is so. */
async function passTimeUntil(clock: FakeClock, isSo: () => boolean): Promise<void> {
  for (let waitedMs = 0; !isSo(); waitedMs += 1_000) {
    if (waitedMs > 24 * HOUR) throw new Error("it has not come to that within a day");
    await clock.advance(1_000);
  }
}

/** Lets time pass until a task rests, then checks that every hop is there once, and whole. */
async function expectOneEnd({ relay }: World, clock: FakeClock, taskId = "task"): Promise<void> {
  const task = relay.task(taskId);
  let isOver = false;
  const ended = task.result().finally(() => {
    isOver = true;
  });
  await passTimeUntil(clock, () => isOver);
  expect(await ended).toMatchObject({ status: "completed", output: FINDINGS, hop: 2 });
  expect((await task.verify()).problems).toEqual([]);
  const committed = (await task.audit()).filter(({ kind }) => kind === "committed");
  expect(committed.map(({ hop }) => hop)).toEqual([0, 1, 2]);
}

/** Lets workers work for as long as `during` takes. */
async function withWorkers(worlds: readonly World[], clock: FakeClock, during: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  let isOver = false;
  const working = Promise.all(worlds.map(({ relay }) => relay.worker({ signal: stop.signal }))).finally(() => {
    isOver = true;
  });
  try {
    await during();
  } finally {
    stop.abort();
    await passTimeUntil(clock, () => isOver);
    await working;
  }
}

/** What workers met that was no agent's fault. */
const troubles = ({ events }: World): readonly unknown[] =>
  events.flatMap((event) => (event.kind === "worker-error" ? [event.error] : []));

describe("a relay on a disk that is full", () => {
  it("refuses a start by name, and takes the same start once there is room", async (test) => {
    if (noMounts !== undefined) return test.skip(noMounts);
    using small = smallFileSystem(3_000_000);
    const clock = fakeClock();
    const backend = local({ directory: join(small.path, "data"), clock });
    const world = relayOn(backend, clock);
    const start = () => world.relay.start({ to: "first", taskId: "task", input: "x".repeat(300_000) });
    const room = small.fill();
    await expect(start()).rejects.toMatchObject({ retryable: true, cause: { reason: "disk-full" } });
    room.free();
    await start();
    await withWorkers([world], clock, () => expectOneEnd(world, clock));
    expect(world.runs).toEqual(["first", "second"]);
    await backend.close();
  });

  it("runs an agent again whose handoff found no room, and forgets nothing", async (test) => {
    if (noMounts !== undefined) return test.skip(noMounts);
    using small = smallFileSystem(3_000_000);
    const clock = fakeClock();
    const backend = local({ directory: join(small.path, "data"), clock });
    let room: { free(): void } | undefined;
    const world = relayOn(backend, clock, () => {
      room ??= small.fill();
    });
    await world.relay.start({ to: "first", taskId: "task" });
    await withWorkers([world], clock, async () => {
      await passTimeUntil(clock, () => troubles(world).length > 0);
      room?.free();
      await expectOneEnd(world, clock);
    });
    expect(troubles(world)[0]).toMatchObject({ cause: { reason: "disk-full" } });
    expect(world.runs.filter((agent) => agent === "second")).toEqual(["second"]);
    await backend.close();
  });
});

describe("a relay whose database somebody else holds locked", () => {
  it("refuses a start by name, runs an agent again whose handoff could not be kept, and forgets nothing", async () => {
    await using directory = testDirectory();
    const clock = fakeClock();
    const world = relayOn(directory.open({ clock, busyTimeoutMs: 0 }), clock, () => {
      if (troubles(world).length === 0) somebody.execute("BEGIN IMMEDIATE");
    });
    const somebody = openSqlite(join(directory.path, DATABASE_FILE));
    const start = () => world.relay.start({ to: "first", taskId: "task" });
    somebody.execute("BEGIN IMMEDIATE");
    await expect(start()).rejects.toMatchObject({ retryable: true, cause: { reason: "busy" } });
    somebody.execute("COMMIT");
    await start();
    await withWorkers([world], clock, async () => {
      await passTimeUntil(clock, () => troubles(world).length > 0);
      somebody.execute("COMMIT");
      await expectOneEnd(world, clock);
    });
    somebody.close();
    expect(troubles(world)[0]).toMatchObject({ cause: { reason: "busy" } });
    expect(world.runs.filter((agent) => agent === "second")).toEqual(["second"]);
  });
});

describe("a relay on a damaged database", () => {
  it("says so, runs no agent, and goes on where it was once a whole copy is back", async () => {
    await using directory = testDirectory();
    const clock = fakeClock();
    const before = directory.open({ clock });
    await relayOn(before, clock).relay.start({ to: "first", taskId: "task" });
    await before.close();
    const file = join(directory.path, DATABASE_FILE);
    const whole = readFileSync(file);
    // All but the page by which SQLite knows the file.
    writeFileSync(file, Buffer.from(whole).fill(0xaa, 4_096));
    const damaged = relayOn(directory.open({ clock }), clock);
    const corrupt = { retryable: false, cause: { reason: "corrupt" } };
    await expect(damaged.relay.task("task").result()).rejects.toMatchObject(corrupt);
    await withWorkers([damaged], clock, () => passTimeUntil(clock, () => troubles(damaged).length > 0));
    expect(troubles(damaged)[0]).toMatchObject(corrupt);
    expect(damaged.runs).toEqual([]);
    await directory.dispose();

    await using restored = testDirectory();
    await restored.open().close();
    for (const end of ["-wal", "-shm"]) rmSync(join(restored.path, `${DATABASE_FILE}${end}`), { force: true });
    writeFileSync(join(restored.path, DATABASE_FILE), whole);
    const world = relayOn(restored.open({ clock }), clock);
    await withWorkers([world], clock, () => expectOneEnd(world, clock));
    expect(world.runs).toEqual(["first", "second"]);
  });
});

describe("a relay whose clocks jump", () => {
  const ahead = (clock: FakeClock, ms: number): Clock => ({ now: () => clock.now() + ms, sleep: clock.sleep });

  it("keeps one of two handoffs where a worker whose clock is ahead takes a message that another works on", async () => {
    await using directory = testDirectory();
    const clock = fakeClock();
    let bothRun: () => void = () => {};
    const meeting = new Promise<void>((resolve) => {
      bothRun = resolve;
    });
    const slow = relayOn(directory.open({ clock }), clock, () => meeting);
    const early = relayOn(directory.open({ clock: ahead(clock, HOUR) }), ahead(clock, HOUR), bothRun);
    await slow.relay.start({ to: "first", taskId: "task" });
    await withWorkers([slow], clock, async () => {
      await passTimeUntil(clock, () => slow.runs.length > 0);
      await withWorkers([early], clock, () => expectOneEnd(early, clock));
    });
    const runs = [...slow.runs, ...early.runs];
    expect(runs.filter((agent) => agent === "first")).toHaveLength(2);
    expect(slow.runs.filter((agent) => agent === "first")).toHaveLength(1);
  });

  it("takes up what a worker left whose clock was ahead, later by as much, and no agent is charged for it", async () => {
    await using directory = testDirectory();
    const clock = fakeClock();
    const lost = directory.open({ clock: ahead(clock, HOUR) });
    const world = relayOn(directory.open({ clock }), clock);
    await world.relay.start({ to: "first", taskId: "task" });
    const queue = { relayId: "relay", agent: "first" };
    const taken = await lost.transport.receive(queue, { max: 1, waitMs: 0, visibilityMs: 10_000 });
    expect(taken).toHaveLength(1);
    const began = clock.now();
    await withWorkers([world], clock, () => expectOneEnd(world, clock));
    expect(clock.now() - began).toBeGreaterThan(HOUR);
    expect(world.runs).toEqual(["first", "second"]);
  });
});
