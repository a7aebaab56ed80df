import { describe, expect, it } from "vitest";
import { blobReferences, isBlobReference } from "./blob.js";
import { createCodec } from "./index.js";

const sha256 = "0123456789abcdef".repeat(4);

describe("a reference to a blob", () => {
  it("is a hash and a size, and nothing else", () => {
    for (const size of [0, 1, Number.MAX_SAFE_INTEGER]) expect(isBlobReference({ sha256, size })).toBe(true);
    for (const wrong of [
      undefined,
      null,
      "",
      7,
      [],
      [sha256, 1],
      {},
      { sha256 },
      { size: 1 },
      { sha256, size: 1, more: 1 },
      { sha256, length: 1 },
      { sha256, size: -1 },
      { sha256, size: 0.5 },
      { sha256, size: "1" },
      { sha256, size: 2 ** 53 },
      { sha256: 7, size: 1 },
      { sha256: [sha256], size: 1 },
      { sha256: `${sha256}0`, size: 1 },
      { sha256: `0${sha256}`, size: 1 },
      { sha256: sha256.slice(1), size: 1 },
      { sha256: sha256.toUpperCase(), size: 1 },
      Object.assign(() => {}, { sha256, size: 1 }),
    ])
      expect(isBlobReference(wrong), JSON.stringify(wrong)).toBe(false);
  });

  it("is found wherever it stands in a value, once for each blob", () => {
    const codec = createCodec({ blobThreshold: 2 });
    const onBlob = (bytes: Uint8Array) => ({ sha256: String(bytes[0]).repeat(64), size: bytes.byteLength });
    const value = {
      list: [null, 1, "text", new Uint8Array([1, 0]), [new Map([["key", new Uint8Array([2, 0])]])]],
      again: new Uint8Array([1, 0]),
      small: new Uint8Array([3]),
      decoy: { blob: { sha256: "4".repeat(64), size: 2 } },
      quoted: { $ah: "bytes", blob: { sha256: "5".repeat(64), size: 2 } },
    };
    const found = blobReferences(codec.encode(value, { onBlob }));
    expect([...found].sort((a, b) => a.sha256.localeCompare(b.sha256))).toEqual([
      { sha256: "1".repeat(64), size: 2 },
      { sha256: "2".repeat(64), size: 2 },
    ]);
  });

  it("is not found in what names no blob, well-formed or not", () => {
    for (const json of [
      null,
      1,
      "x",
      [],
      {},
      { $ah: "bytes" },
      { $ah: "bytes", blob: null },
      { $ah: "date", blob: { sha256, size: 1 } },
    ])
      expect(blobReferences(json)).toEqual([]);
    expect(blobReferences({ $ah: "bytes", blob: { sha256, size: 1 } })).toEqual([{ sha256, size: 1 }]);
  });
});
