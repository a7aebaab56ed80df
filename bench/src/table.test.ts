import { expect, it } from "vitest";
import { formatTable } from "./table.js";

it("lines up texts to the left and numbers to the right", () => {
  expect(
    formatTable(
      ["name", "n"],
      [
        ["a", 1_000],
        ["long name", 2],
      ],
    ),
  ).toBe(["name           n", "---------  -----", "a          1,000", "long name      2"].join("\n"));
});
