import { expect, it } from "vitest";
import { spreadOf } from "./spread.js";

it("gives the middle value, the least and the most", () => {
  expect(spreadOf([5, 1, 100])).toEqual({ median: 5, min: 1, max: 100 });
  expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
  expect(() => spreadOf([])).toThrow(RangeError);
});
