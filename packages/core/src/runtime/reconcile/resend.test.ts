import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Agent, declareAgent } from "../agent/agent.js";
import { deliveryMs, generationDue, silenceBefore } from "./resend.js";

const HOURS = 3_600_000;

describe("the gap before generation g", () => {
  it("is base · 2^g, capped at 6 hours", () => {
    expect([1, 2, 3].map((generation) => silenceBefore(generation, 1_000))).toEqual([2_000, 4_000, 8_000]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: HOURS }), (generation, base) => {
        const gap = silenceBefore(generation, base);
        expect(gap).toBeLessThanOrEqual(6 * HOURS);
        expect(gap).toBeGreaterThanOrEqual(silenceBefore(generation - 1, base));
      }),
    );
  });

  it("is counted from the later of the head's time and the last re-send, and a clock that lags is no silence", () => {
    const at = { headAt: 0, lastResentAt: undefined, resends: 0, baseMs: 1_000 };
    expect(generationDue({ ...at, now: 2_000 })).toBeUndefined();
    expect(generationDue({ ...at, now: 2_001 })).toBe(1);
    expect(generationDue({ ...at, now: 6_001, lastResentAt: 2_001, resends: 1 })).toBeUndefined();
    expect(generationDue({ ...at, now: 6_002, lastResentAt: 2_001, resends: 1 })).toBe(2);
    expect(generationDue({ ...at, now: 6_002, headAt: 600_000, lastResentAt: 2_001, resends: 1 })).toBeUndefined();
  });
});

describe("how long a delivery may rightly take", () => {
  const relay = {
    agents: new Map<string, Agent>([
      ["slow", declareAgent({ name: "slow", deadlineMs: 5_000 })],
      ["plain", declareAgent({ name: "plain" })],
    ]),
    backend: { visibilityMs: 10 },
    limits: { hopDeadlineMs: 700 },
  } as unknown as Parameters<typeof deliveryMs>[0];

  it("is the visibility and the hop's deadline: the agent's own, or else the relay's", () => {
    expect(deliveryMs(relay, "slow")).toBe(5_010);
    for (const agent of ["plain", "nobody", null]) expect(deliveryMs(relay, agent)).toBe(710);
  });
});
