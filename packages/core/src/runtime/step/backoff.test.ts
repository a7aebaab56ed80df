import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "../../memory/index.js";
import { backoffDelay, requestedDelay } from "./backoff.js";

const defaults = { backoffMs: 1_000, maxBackoffMs: 15 * 60_000 };

describe("the backoff", () => {
  it("is 1 s · 2^n, capped at 15 minutes, with full jitter", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (failures, chance) => {
          const delay = backoffDelay(defaults, failures, { number: () => chance, id: () => "" });
          const most = Math.min(15 * 60_000, 1_000 * 2 ** Math.min(failures - 1, 60));
          expect(delay).toBe(Math.round(most * chance));
        },
      ),
    );
  });

  it("spreads out those who failed together", () => {
    const random = seededRandom(1);
    const delays = Array.from({ length: 1_000 }, () => backoffDelay(defaults, 5, random));
    expect(Math.min(...delays)).toBeLessThan(1_000);
    expect(Math.max(...delays)).toBeGreaterThan(15_000);
  });
});

describe("the delay that an error asks for", () => {
  it("is taken from any error that names one, and is never nonsense", () => {
    expect(requestedDelay(Object.assign(new Error("429"), { retryAfterMs: 7 }))).toBe(7);
    expect(requestedDelay({ retryAfterMs: 0 })).toBe(0);
    for (const nonsense of [
      undefined,
      null,
      "7",
      { retryAfterMs: "7" },
      { retryAfterMs: -1 },
      { retryAfterMs: Number.NaN },
      { retryAfterMs: Number.POSITIVE_INFINITY },
    ])
      expect(requestedDelay(nonsense)).toBeUndefined();
  });
});
