import { describe, expect, it } from "vitest";
import { createRunGate } from "./run-gate.js";

const never = new AbortController().signal;

async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

describe("the run gate", () => {
  it("lets as many runs in as there is room for, first come first served", async () => {
    const gate = createRunGate(2);
    const [first, second] = [gate.enter({ alone: false, signal: never }), gate.enter({ alone: false, signal: never })];
    const [third, fourth] = [gate.enter({ alone: false, signal: never }), gate.enter({ alone: false, signal: never })];
    expect(await Promise.all([first, second, third, fourth].map(settled))).toEqual([true, true, false, false]);
    (await first)();
    expect(await Promise.all([third, fourth].map(settled))).toEqual([true, false]);
    // Ending twice ends once.
    (await first)();
    expect(await settled(fourth)).toBe(false);
    (await second)();
    expect(await settled(fourth)).toBe(true);
  });

  it("lets a run that must be alone in when all others have ended, and none beside it", async () => {
    const gate = createRunGate(3);
    const first = await gate.enter({ alone: false, signal: never });
    const alone = gate.enter({ alone: true, signal: never });
    const later = gate.enter({ alone: false, signal: never });
    expect(await Promise.all([alone, later].map(settled))).toEqual([false, false]);
    first();
    expect(await Promise.all([alone, later].map(settled))).toEqual([true, false]);
    (await alone)();
    expect(await settled(later)).toBe(true);
  });

  it("forgets who leaves the queue, and lets in those behind", async () => {
    const gate = createRunGate(2);
    await gate.enter({ alone: false, signal: never });
    const leaving = new AbortController();
    const alone = gate.enter({ alone: true, signal: leaving.signal });
    const behind = gate.enter({ alone: false, signal: never });
    expect(await settled(behind)).toBe(false);
    leaving.abort("lease-lost");
    await expect(alone).rejects.toBe("lease-lost");
    expect(await settled(behind)).toBe(true);
    await expect(gate.enter({ alone: false, signal: leaving.signal })).rejects.toBe("lease-lost");
  });

  it("tells how much more could be received, counting what was announced, and waits while that is nothing", async () => {
    const gate = createRunGate(2);
    expect(await gate.room(never)).toBe(2);
    const [first, second] = [gate.announce(), gate.announce()];
    const room = gate.room(never);
    const stopped = new AbortController();
    const stopping = gate.room(stopped.signal);
    expect(await settled(room)).toBe(false);
    stopped.abort();
    expect(await stopping).toBe(0);
    second();
    second();
    expect(await room).toBe(1);
    first();
    expect(await gate.room(never)).toBe(2);
    expect(await gate.room(stopped.signal)).toBe(0);
  });

  it("has no room while somebody must be alone", async () => {
    const gate = createRunGate(3);
    const settle = gate.announce();
    const leave = await gate.enter({ alone: true, signal: never });
    const room = gate.room(never);
    expect(await settled(room)).toBe(false);
    leave();
    expect(await room).toBe(2);
    settle();
    expect(await gate.room(never)).toBe(3);
  });
});
