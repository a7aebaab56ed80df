import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCodec } from "./codec.js";
import { boxCodec } from "./testing/arbitrary-value.js";
import { Box, reachable } from "./testing/recipe.js";
import { hop } from "./testing/round-trip.js";
import { difference } from "./testing/same-value.js";

type Parts = Record<string, unknown>;

interface Graph {
  /** Which nodes are instances of a registered class. */
  readonly boxes: readonly boolean[];
  readonly edges: readonly { readonly from: number; readonly to: number }[];
}

const graph: fc.Arbitrary<Graph> = fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }).chain((boxes) => {
  const node = fc.nat({ max: boxes.length - 1 });
  return fc.record({
    boxes: fc.constant(boxes),
    edges: fc.array(fc.record({ from: node, to: node }), { maxLength: 12 }),
  });
});

function build({ boxes, edges }: Graph): unknown[] {
  const nodes = boxes.map((isBox) => (isBox ? new Box({}) : {}));
  for (const [index, { from, to }] of edges.entries()) {
    const node = nodes[from] as Box | Parts;
    const parts = (node instanceof Box ? node.content : node) as Parts;
    parts[`edge ${index}`] = nodes[to];
  }
  return nodes;
}

const isOnCycle = (box: Box): boolean =>
  Object.values(box.content as Parts).some((part) => reachable(part as object).has(box));

const countOfKeys = (value: object): number =>
  [...reachable(value)].reduce<number>((sum, part) => sum + Object.keys(part as object).length, 0);

describe("cycles", () => {
  it("are kept, and refused exactly where a registered instance is on one, whatever the order of the parts", () => {
    let refused = 0;
    let kept = 0;
    fc.assert(
      fc.property(graph, (of) => {
        const nodes = build(of);
        if (nodes.some((node) => node instanceof Box && isOnCycle(node))) {
          refused++;
          expect(() => hop(nodes)).toThrow(expect.objectContaining({ code: "NOT_SERIALIZABLE" }));
        } else {
          kept++;
          expect(difference(nodes, hop(nodes))).toBeUndefined();
        }
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(refused, kept)).toBeGreaterThan(100);
  });

  it("never show a class's codec parts that are still being filled", () => {
    fc.assert(
      fc.property(graph, (of) => {
        const seen: { parts: object; keys: number }[] = [];
        const watching = createCodec({
          classes: [
            {
              ...boxCodec,
              decode(parts) {
                seen.push({ parts: parts as object, keys: countOfKeys(parts as object) });
                return boxCodec.decode(parts);
              },
            },
          ],
        });
        const nodes = build(of);
        if (nodes.some((node) => node instanceof Box && isOnCycle(node))) return;
        hop(nodes, watching);
        for (const { parts, keys } of seen) expect(countOfKeys(parts)).toBe(keys);
      }),
      { numRuns: 1000 },
    );
  });
});
