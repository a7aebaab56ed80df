import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { distinct, mergeAscending } from "./merge.js";
import { collect } from "./testing/samples.js";

const same = (text: string): string => text;

async function* source(values: readonly string[], ended?: () => void): AsyncGenerator<string> {
  try {
    yield* values;
  } finally {
    ended?.();
  }
}

describe("merging", () => {
  it("yields every value of ascending sources, ascending", async () => {
    const sources = fc.array(fc.array(fc.string()).map((values) => values.toSorted()));
    await fc.assert(
      fc.asyncProperty(sources, async (given) => {
        expect(
          await collect(
            mergeAscending(
              given.map((values) => source(values)),
              same,
            ),
          ),
        ).toEqual(given.flat().toSorted());
      }),
    );
  });

  it("ends its sources when its reader has enough", async () => {
    let open = 2;
    const ended = () => open--;
    for await (const value of mergeAscending([source(["a", "c"], ended), source(["b", "d"], ended)], same)) {
      expect(value).toBe("a");
      break;
    }
    expect(open).toBe(0);
  });

  it("fails with the source that fails, and ends the others", async () => {
    let ended = false;
    async function* broken(): AsyncGenerator<string> {
      yield "a";
      throw new Error("broken");
    }
    const others = source(["b", "c"], () => {
      ended = true;
    });
    await expect(collect(mergeAscending([broken(), others], same))).rejects.toThrow("broken");
    expect(ended).toBe(true);
  });
});

it("of values that follow each other with one key, the first is yielded", async () => {
  expect(await collect(distinct(source(["a1", "a2", "b1", "a3"]), (value) => value.slice(0, 1)))).toEqual([
    "a1",
    "b1",
    "a3",
  ]);
});
