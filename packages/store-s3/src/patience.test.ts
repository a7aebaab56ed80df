import { expect, it } from "vitest";
import { longestWaitMs, patiently } from "./patience.js";
import { instantClock, longestWaits } from "./testing/fault-server.js";

const failure = new Error("again");

it("waits twice as long each time, up to two seconds", () => {
  expect([1, 2, 3, 6, 7, 8, 20].map(longestWaitMs)).toEqual([50, 100, 200, 1_600, 2_000, 2_000, 2_000]);
});

it("tries as often as the error is worth it, and then rejects with it", async () => {
  const clock = instantClock();
  let tries = 0;
  const act = async () => {
    tries++;
    throw failure;
  };
  await expect(patiently({ clock, random: longestWaits, triesFor: () => 4 }, undefined, act)).rejects.toBe(failure);
  expect(tries).toBe(4);
  expect(clock.sleeps).toEqual([50, 100, 200]);
});

it("waits a random part of the longest wait", async () => {
  const clock = instantClock();
  const random = { ...longestWaits, number: () => 0.25 };
  await expect(patiently({ clock, random, triesFor: () => 2 }, undefined, () => Promise.reject(failure))).rejects.toBe(
    failure,
  );
  expect(clock.sleeps).toEqual([12.5]);
});

it("waits no longer once its signal is aborted", async () => {
  const controller = new AbortController();
  const act = async () => {
    controller.abort("enough");
    throw failure;
  };
  const patience = { clock: instantClock(), random: longestWaits, triesFor: () => 9 };
  await expect(patiently(patience, controller.signal, act)).rejects.toBe("enough");
});
