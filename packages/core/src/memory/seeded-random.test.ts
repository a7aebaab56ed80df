import { describe, expect, it } from "vitest";
import { seededRandom } from "./seeded-random.js";

describe("seededRandom", () => {
  it("repeats itself from the same seed", () => {
    const [one, other] = [seededRandom(7), seededRandom(7)];
    for (let count = 0; count < 100; count++) {
      expect(one.number()).toBe(other.number());
      expect(one.id()).toBe(other.id());
    }
  });

  it("never gives an id twice, whatever the seed", () => {
    const ids = new Set<string>();
    for (let seed = -50; seed < 50; seed++) {
      const random = seededRandom(seed);
      for (let count = 0; count < 100; count++) ids.add(random.id());
    }
    expect(ids.size).toBe(10_000);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{22,}$/);
  });

  it("gives numbers in [0, 1) that are spread evenly", () => {
    const random = seededRandom(1);
    const buckets = new Array<number>(10).fill(0);
    for (let count = 0; count < 100_000; count++) {
      const number = random.number();
      expect(number >= 0 && number < 1).toBe(true);
      const bucket = Math.floor(number * 10);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    for (const count of buckets) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});
