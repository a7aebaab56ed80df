import { InvalidOptionsError } from "@agenthandoff/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_VISIBILITY_MS } from "./limits.js";
import { visibilitySeconds } from "./visibility.js";

describe("a visibility in seconds", () => {
  it("is never shorter than what was asked for, nor longer by a second, within 12 hours", () => {
    const anyQuarter = fc.nat(4 * MAX_VISIBILITY_MS).map((quarters) => quarters / 4);
    fc.assert(
      fc.property(anyQuarter, (ms) => {
        const seconds = visibilitySeconds(ms);
        expect(Number.isInteger(seconds)).toBe(true);
        expect(seconds * 1_000).toBeGreaterThanOrEqual(ms);
        expect(seconds * 1_000 - ms).toBeLessThan(1_000);
      }),
    );
  });

  it("ends within 12 hours of the receipt, however often it is asked for", () => {
    const anyTime = fc.nat(2 * MAX_VISIBILITY_MS);
    fc.assert(
      fc.property(anyTime, anyTime, (ms, heldMs) => {
        const seconds = visibilitySeconds(ms, heldMs);
        expect(seconds === 0 || heldMs + seconds * 1_000 <= MAX_VISIBILITY_MS).toBe(true);
      }),
    );
  });

  it.each([
    [0, 0],
    [-5, 0],
    [1, 1],
    [1_000, 1],
    [1_001, 2],
    [MAX_VISIBILITY_MS + 1, 43_200],
    [Number.POSITIVE_INFINITY, 43_200],
  ])("of %d ms is %d", (ms, seconds) => {
    expect(visibilitySeconds(ms)).toBe(seconds);
  });

  it("is refused where it is no number", () => {
    expect(() => visibilitySeconds(Number.NaN)).toThrow(InvalidOptionsError);
  });
});
