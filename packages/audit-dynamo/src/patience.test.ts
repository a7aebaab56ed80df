import { describe, expect, it } from "vitest";
import { MAX_TRIES } from "./limits.js";
import { longestWaitMs, patiently } from "./patience.js";
import { instantClock, longestWaits } from "./testing/fault-server.js";

describe("patience", () => {
  it("tries at most ten times, with waits that double up to a second, and then says what was the matter", async () => {
    const clock = instantClock();
    let tries = 0;
    const work = async () => {
      tries++;
      throw new Error(`try ${tries}`);
    };
    await expect(patiently({ clock, random: longestWaits }, work, () => true)).rejects.toThrow(`try ${MAX_TRIES}`);
    expect(clock.sleeps).toEqual([25, 50, 100, 200, 400, 800, 1_000, 1_000, 1_000]);
  });

  it("lets chance choose the wait, so that writers that met do not meet again", async () => {
    const clock = instantClock();
    const chances = [0, 0.5];
    const random = { ...longestWaits, number: () => chances.shift() ?? 1 };
    let tries = 0;
    const work = async () => {
      if (++tries < 3) throw new Error("again");
      return "done";
    };
    expect(await patiently({ clock, random }, work, () => true)).toBe("done");
    expect(clock.sleeps).toEqual([0, 0.5 * longestWaitMs(2)]);
  });

  it("does not try again what does not pass", async () => {
    const clock = instantClock();
    const work = () => Promise.reject(new Error("for good"));
    await expect(patiently({ clock, random: longestWaits }, work, () => false)).rejects.toThrow("for good");
    expect(clock.sleeps).toEqual([]);
  });
});
