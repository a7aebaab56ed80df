import type { Clock, Random } from "@agenthandoff/core";
import { expect, it } from "vitest";
import { patiently } from "./index.js";

const failure = new Error("again");

function instantClock(): Clock & { readonly sleeps: number[] } {
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => 0,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      sleeps.push(ms);
    },
  };
}

const chance = (number: number): Random => ({ number: () => number, id: () => "id" });
const waits = { firstWaitMs: 50, longestWaitMs: 2_000 };

it("waits twice as long each time, up to a bound", async () => {
  const clock = instantClock();
  const patience = { ...waits, clock, random: chance(1), triesFor: () => 9 };
  await expect(patiently(patience, undefined, () => Promise.reject(failure))).rejects.toBe(failure);
  expect(clock.sleeps).toEqual([50, 100, 200, 400, 800, 1_600, 2_000, 2_000]);
});

it("tries as often as the error is worth it", async () => {
  const clock = instantClock();
  let tries = 0;
  const act = async () => {
    tries++;
    throw tries < 3 ? failure : new Error("for good");
  };
  const triesFor = (error: unknown) => (error === failure ? 9 : 1);
  await expect(patiently({ ...waits, clock, random: chance(1), triesFor }, undefined, act)).rejects.toThrow("for good");
  expect(tries).toBe(3);
});

it("resolves to what the first success resolves to", async () => {
  let tries = 0;
  const act = async () => {
    if (++tries < 3) throw failure;
    return "done";
  };
  const patience = { ...waits, clock: instantClock(), random: chance(1), triesFor: () => 9 };
  expect(await patiently(patience, undefined, act)).toBe("done");
});

it("waits a random part of the longest wait", async () => {
  const clock = instantClock();
  const patience = { ...waits, clock, random: chance(0.25), triesFor: () => 2 };
  await expect(patiently(patience, undefined, () => Promise.reject(failure))).rejects.toBe(failure);
  expect(clock.sleeps).toEqual([12.5]);
});

it("waits no longer once its signal is aborted", async () => {
  const controller = new AbortController();
  const act = async () => {
    controller.abort("enough");
    throw failure;
  };
  const patience = { ...waits, clock: instantClock(), random: chance(1), triesFor: () => 9 };
  await expect(patiently(patience, controller.signal, act)).rejects.toBe("enough");
});
