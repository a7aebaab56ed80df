import { fakeClock } from "@agenthandoff/core/memory";
import { describe, expect, it } from "vitest";
import { createWake } from "./wake.js";

const LONG_MS = 3_600_000;

/** A handle's wake, on a database in which others commit at the test's word. */
function setUp(clock = fakeClock(), file = `file ${Math.random()}`) {
  let version = 1;
  let looks = 0;
  const wake = createWake({
    file,
    clock,
    version: () => {
      looks++;
      return version;
    },
  });
  return { clock, file, wake, commit: () => void version++, looks: () => looks };
}

describe("a waiting worker", () => {
  it("is woken at once by its own process, through any handle on the same database", async () => {
    const { clock, file, wake } = setUp();
    const other = setUp(clock, file);
    const listener = wake.listen("queue");
    const waiting = listener.wait(LONG_MS);
    other.wake.ring("queue");
    await waiting;
    listener.stop();
  });

  it("is not woken by news of another topic or another database", async () => {
    const { clock, file, wake } = setUp();
    const listener = wake.listen("queue");
    let woken = false;
    const waiting = listener.wait(1_000).then(() => {
      woken = true;
    });
    setUp(clock, file).wake.ring("other queue");
    setUp(clock).wake.ring("queue");
    await clock.advance(999);
    expect(woken).toBe(false);
    await clock.advance(1);
    await waiting;
    listener.stop();
  });

  it("misses nothing that came while it was looking", async () => {
    const { wake } = setUp();
    const listener = wake.listen("queue");
    wake.ring("queue");
    await listener.wait(LONG_MS);
    listener.stop();
  });

  it("notices a commit by another process", async () => {
    const { clock, wake, commit } = setUp();
    const listener = wake.listen("queue");
    const waiting = listener.wait(LONG_MS);
    await clock.advance(10_000);
    commit();
    await clock.advance(50);
    await waiting;
    listener.stop();
  });

  it("looks often after a commit by another process, then less and less often", async () => {
    const { clock, wake, commit, looks } = setUp();
    const listener = wake.listen("queue");
    const looksIn = async (ms: number): Promise<number> => {
      const before = looks();
      await clock.advance(ms);
      return looks() - before;
    };
    await looksIn(1_000);
    expect(await looksIn(1_000)).toBe(20);
    commit();
    expect(await looksIn(150)).toBeGreaterThan(3);
    await looksIn(1_000);
    expect(await looksIn(1_000)).toBe(20);
    listener.stop();
  });

  it("ends its wait when its signal is aborted", async () => {
    const { wake } = setUp();
    const listener = wake.listen("queue");
    const controller = new AbortController();
    const waiting = listener.wait(LONG_MS, controller.signal);
    controller.abort();
    await waiting;
    await listener.wait(LONG_MS, controller.signal);
    listener.stop();
  });

  it("is woken when looking fails, to meet the error itself", async () => {
    const clock = fakeClock();
    let isBroken = false;
    const wake = createWake({
      file: "broken",
      clock,
      version: () => {
        if (isBroken) throw new Error("broken");
        return 1;
      },
    });
    const listener = wake.listen("queue");
    const waiting = listener.wait(LONG_MS);
    isBroken = true;
    await clock.advance(50);
    await waiting;
    listener.stop();
  });

  it("costs nothing once nobody waits", async () => {
    const { clock, wake, looks } = setUp();
    const listeners = [wake.listen("queue"), wake.listen("queue")];
    for (const listener of listeners) listener.stop();
    await clock.advance(1);
    expect(clock.pending).toBe(0);
    const before = looks();
    await clock.advance(10_000);
    expect(looks()).toBe(before);
  });
});
