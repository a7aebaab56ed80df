import { expect, it } from "vitest";
import { demo, refusalOf } from "./demo.js";

it.each([
  ["status, where it has a few values", ["kind: enum", "status: enum"], "status"],
  ["another column with a few values", ["id: integer", "status: text", "a: b: enum"], "a: b"],
  ["the first column, where none has", ["id: integer", "name: text"], "id"],
])("refuses with %s", (_what, columns, name) => {
  expect(refusalOf({ columns })).toBe(`more kinds of ${name} will come: let ${name} take any text`);
});

it("says that there is no such file before it says or starts anything else", async () => {
  const said: string[] = [];
  const ended = demo({ file: "/nowhere/nope.csv", out: "/nowhere" }, (line = "") => void said.push(line));
  await expect(ended).rejects.toThrow("nope.csv");
  expect(said).toEqual([]);
});
