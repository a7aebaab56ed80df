import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { floorOf, handoffAsJson, wholeHistoryOf } from "./schemes.js";

const handoffs = ['{"kind":"handoff","hop":0}\n{"kind":"input","value":"é"}\n', '{"kind":"handoff","hop":1}\n'].map(
  (text) => Buffer.from(text),
);

describe("the schemes to compare with", () => {
  it("count for a whole history what JSON.stringify makes of all hops so far, at each hop", () => {
    const written = handoffs.map((_, hop) =>
      Buffer.byteLength(JSON.stringify(handoffs.slice(0, hop + 1).map(handoffAsJson))),
    );
    expect(wholeHistoryOf(handoffs)).toEqual({
      bytesWritten: (written[0] ?? 0) + (written[1] ?? 0),
      puts: 2,
      maxGets: 2,
      rounds: 1,
    });
  });

  it("count for the floor each hop compressed once, and one read for each hop", () => {
    const [first, second] = handoffs.map((raw) => gzipSync(raw, { level: 1 }).length);
    expect(floorOf(handoffs)).toEqual({ bytesWritten: (first ?? 0) + (second ?? 0), puts: 2, maxGets: 2, rounds: 1 });
  });
});
