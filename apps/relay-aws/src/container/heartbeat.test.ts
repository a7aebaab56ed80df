import { mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { keepBeating, whyNotAlive } from "./heartbeat.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "heartbeat-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("is healthy from the first beat until it has ended", () => {
  const file = join(folder, "alive");
  expect(whyNotAlive(file, Date.now())).toMatch(/has not begun/);
  const ended = new AbortController();
  keepBeating(file, ended.signal);
  expect(whyNotAlive(file, Date.now())).toBeUndefined();
  ended.abort();
  expect(whyNotAlive(file, Date.now())).toMatch(/has ended/);
});

it("is stuck once its event loop has stood still for more than a minute", () => {
  const file = join(folder, "alive");
  const ended = new AbortController();
  keepBeating(file, ended.signal);
  const beatenAt = new Date("2026-01-01T00:00:00Z");
  utimesSync(file, beatenAt, beatenAt);
  expect(whyNotAlive(file, beatenAt.getTime() + 60_000)).toBeUndefined();
  expect(whyNotAlive(file, beatenAt.getTime() + 61_000)).toBe("the worker's event loop has stood still for 61 s");
  ended.abort();
});
