import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidIdError } from "../errors/index.js";
import { MAX_HOP } from "./ids.js";
import { createKeys, isProducersKey, slotName } from "./keys.js";
import { arbitraryName, arbitraryTaskId } from "./testing/arbitraries.js";

const hash = "0123456789abcdef".repeat(4);
const arbitraryPrefix = fc.constantFrom("", "team/", "a b/".replace(" ", "_"), "x/y.z/", `${"p".repeat(199)}/`);
const arbitraryHop = fc.oneof(fc.nat({ max: MAX_HOP }), fc.constantFrom(0, MAX_HOP));

describe("keys", () => {
  it("lie where the protocol says", () => {
    const keys = createKeys({ relayId: "typed-package", prefix: "team/" });
    expect(keys.slots()).toBe("team/typed-package/slots/");
    expect(keys.slots("orders-42")).toBe("team/typed-package/slots/orders-42/");
    expect(keys.slot("orders-42", 4)).toBe("team/typed-package/slots/orders-42/0000000004.ndjson.gz");
    expect(keys.blobs()).toBe("team/typed-package/blobs/");
    expect(keys.blobs("orders-42")).toBe("team/typed-package/blobs/orders-42/");
    expect(keys.blob("orders-42", hash)).toBe(`team/typed-package/blobs/orders-42/${hash}`);
    expect(keys.runs("orders-42")).toBe("team/typed-package/runs/orders-42/");
    expect(keys.runs("orders-42", 4)).toBe("team/typed-package/runs/orders-42/4/");
  });

  it("name a slot that reads back as the same task and hop", () => {
    fc.assert(
      fc.property(arbitraryPrefix, arbitraryName, arbitraryTaskId, arbitraryHop, (prefix, relayId, taskId, hop) => {
        const keys = createKeys({ relayId, prefix });
        expect(keys.parseSlot(keys.slot(taskId, hop))).toEqual({ taskId, hop });
      }),
    );
  });

  it("sort as the hops do", () => {
    fc.assert(
      fc.property(arbitraryHop, arbitraryHop, (a, b) => {
        expect(slotName(a) < slotName(b)).toBe(a < b);
      }),
    );
  });

  it("keep every task under prefixes of its own", () => {
    const twins = fc.tuple(arbitraryTaskId, fc.constantFrom("", ".1", "-", "a", ".1.2"));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.tuple(arbitraryTaskId, arbitraryTaskId),
          twins.map(([id, more]) => [id, id + more]),
        ),
        ([one = "", two = ""]) => {
          fc.pre(two.length <= 127 && one !== two);
          const keys = createKeys({ relayId: "r" });
          for (const prefix of [keys.slots(one), keys.blobs(one), keys.runs(one)]) {
            for (const key of [keys.slot(two, 0), keys.blob(two, hash), keys.runs(two, 0)]) {
              expect(key.startsWith(prefix)).toBe(false);
            }
          }
        },
      ),
    );
  });

  it("are printable ASCII and fit into 512 characters, with room for a checkpoint's name", () => {
    const keys = createKeys({ relayId: "r".repeat(63), prefix: `${"p".repeat(199)}/` });
    const taskId = "t".repeat(127);
    for (const key of [keys.slot(taskId, MAX_HOP), keys.blob(taskId, hash), keys.runs(taskId, MAX_HOP)]) {
      expect(key).toMatch(/^[!-~]{1,480}$/);
    }
  });

  it("of anything else are no slots", () => {
    const keys = createKeys({ relayId: "r", prefix: "p/" });
    const slot = keys.slot("t", 4);
    expect(keys.parseSlot(slot)).toEqual({ taskId: "t", hop: 4 });
    for (const key of [
      "",
      "p/r/slots/",
      "p/r/slots/t",
      "p/r/slots/t/",
      slot.slice(2),
      `x${slot}`,
      `${slot}x`,
      `${slot}/`,
      `${slot}\n`,
      "p/r/slots/t/4.ndjson.gz",
      "p/r/slots/t/00000000004.ndjson.gz",
      "p/r/slots/t/-000000004.ndjson.gz",
      "p/r/slots/t/000000004a.ndjson.gz",
      "p/r/slots/t/\u0661000000004.ndjson.gz",
      "p/r/slots/t/0000000004.ndjson",
      "p/r/slots/t/0000000004xndjson.gz",
      "p/r/slots//0000000004.ndjson.gz",
      "p/r/slots/../0000000004.ndjson.gz",
      "p/r/slots/t/u/0000000004.ndjson.gz",
      "p/r/slots/%74/0000000004.ndjson.gz",
      `p/r/slots/${"t".repeat(128)}/0000000004.ndjson.gz`,
      "p/r/blobs/t/0000000004.ndjson.gz",
      "p/other/slots/t/0000000004.ndjson.gz",
    ]) {
      expect(keys.parseSlot(key), key).toBeUndefined();
    }
  });

  it("are not made of hostile ids, hops, hashes or prefixes", () => {
    const keys = createKeys({ relayId: "r" });
    for (const taskId of ["../other", "a/b", "", "a\n", "%2e%2e%2f"]) {
      for (const make of [
        () => keys.slots(taskId),
        () => keys.slot(taskId, 0),
        () => keys.blobs(taskId),
        () => keys.blob(taskId, hash),
        () => keys.runs(taskId),
        () => createKeys({ relayId: taskId }),
      ]) {
        expect(make).toThrow(InvalidIdError);
      }
    }
    for (const hop of [-1, 0.5, Number.NaN, Infinity, MAX_HOP + 1]) {
      expect(() => keys.slot("t", hop)).toThrow(InvalidIdError);
      expect(() => keys.runs("t", hop)).toThrow(InvalidIdError);
    }
    for (const wrong of ["", hash.toUpperCase(), hash.slice(1), `${hash}0`, `../${hash.slice(3)}`]) {
      expect(() => keys.blob("t", wrong)).toThrow(InvalidIdError);
    }
    for (const prefix of [
      "a",
      "/",
      "/a/",
      "a//",
      "../",
      "a/../",
      "./",
      "a/./",
      "a b/",
      "\u00e9/",
      "a\n/",
      `${"p".repeat(200)}/`,
    ]) {
      expect(() => createKeys({ relayId: "r", prefix }), prefix).toThrow(InvalidIdError);
    }
  });
});

describe("a producer's key", () => {
  const at = { prefix: "handoffs/", producer: "ingest" };

  it.each(["handoffs/ingest/1.json", "handoffs/ingest/2026/01/1", "handoffs/ingest/..json", "handoffs/ingest/%2e%2e"])(
    "lies in the producer's folder: %s",
    (key) => {
      expect(isProducersKey(key, at)).toBe(true);
    },
  );

  it("is at most as long as a store takes", () => {
    const folder = "handoffs/ingest/";
    expect(isProducersKey(`${folder}${"x".repeat(512 - folder.length)}`, at)).toBe(true);
    expect(isProducersKey(`${folder}${"x".repeat(513 - folder.length)}`, at)).toBe(false);
  });

  it("never lies elsewhere, and has no part that another reader could take for a way out", () => {
    const part = fc.constantFrom("", ".", "..", "a", "handoffs", "ingest", "ingest-2", "a b", "\n", "\u00e9");
    const keys = fc.array(part, { maxLength: 6 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(
        fc.oneof(
          keys,
          keys.map((rest) => `handoffs/ingest/${rest}`),
        ),
        (key) => {
          const [first, second, ...rest] = key.split("/");
          const plain = rest.length > 0 && rest.every((name) => /^[!-~]+$/.test(name) && name !== "." && name !== "..");
          expect(isProducersKey(key, at)).toBe(first === "handoffs" && second === "ingest" && plain);
        },
      ),
    );
  });
});
