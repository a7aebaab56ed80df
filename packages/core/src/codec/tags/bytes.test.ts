import { describe, expect, it } from "vitest";
import { type BlobReference, blobReferences } from "../blob.js";
import { createCodec } from "../codec.js";
import { parseJson } from "../json-parse.js";
import { stringifyJson } from "../json-stringify.js";
import { hop, testCodec, textOf } from "../testing/round-trip.js";
import { difference } from "../testing/same-value.js";
import { swapBytes } from "./byte-order.js";
import { BYTE_TYPES } from "./byte-types.js";

describe("binary values", () => {
  it.each(BYTE_TYPES)("keeps a $name", ({ from, width }) => {
    const value = from(Uint8Array.from({ length: 3 * width }, (_, index) => 250 + index).buffer);
    expect(difference(value, hop(value))).toBeUndefined();
    expect(difference(from(new ArrayBuffer(0)), hop(from(new ArrayBuffer(0))))).toBeUndefined();
  });

  it("writes base64 of the bytes in little-endian order", () => {
    expect(textOf(new Uint16Array([1, 0x0203]))).toBe('{"$ah":"bytes","type":"Uint16Array","base64":"AQADAg=="}');
    expect(textOf(Buffer.from("hi"))).toBe('{"$ah":"bytes","type":"Buffer","base64":"aGk="}');
    expect(swapBytes(Uint8Array.of(1, 2, 3, 4), 2)).toEqual(Uint8Array.of(2, 1, 4, 3));
    expect(swapBytes(Uint8Array.of(1, 2, 3, 4), 4)).toEqual(Uint8Array.of(4, 3, 2, 1));
  });

  it("keeps every bit of a float, the payload of a NaN too", () => {
    const value = new Float64Array(new BigUint64Array([0x7ff8_dead_beef_0001n, 1n << 63n]).buffer);
    expect(new BigUint64Array((hop(value) as Float64Array).buffer)).toEqual(new BigUint64Array(value.buffer));
  });

  it("keeps what a view shows, never the memory around it", () => {
    const memory = Buffer.from("secret-shown-secret");
    const view = new Uint8Array(memory.buffer, memory.byteOffset + 7, 5);
    const back = hop(view) as Uint8Array;
    expect([Buffer.from(back).toString(), back.byteOffset, back.buffer.byteLength]).toEqual(["shown", 0, 5]);
  });

  it("keeps the values of views on one buffer, which come back on buffers of their own", () => {
    const buffer = new ArrayBuffer(4);
    const back = hop([new Uint8Array(buffer), new Uint8Array(buffer, 2), buffer]) as [
      Uint8Array,
      Uint8Array,
      ArrayBuffer,
    ];
    expect(back).toEqual([new Uint8Array(4), new Uint8Array(2), new ArrayBuffer(4)]);
    expect(back[0].buffer === back[1].buffer || back[0].buffer === back[2]).toBe(false);
  });

  it("keeps that one view stands in two places", () => {
    const view = new Uint8Array([1]);
    const [first, second] = hop([view, view]) as Uint8Array[];
    expect(first).toBe(second);
  });

  it("knows Float16Array exactly where the runtime has it", () => {
    const has = "Float16Array" in globalThis;
    expect(BYTE_TYPES.some(({ name }) => name === "Float16Array")).toBe(has);
    const decode = (): unknown => testCodec.decode(parseJson('{"$ah":"bytes","type":"Float16Array","base64":"AAA="}'));
    if (has) expect(decode()).toHaveLength(1);
    else expect(decode).toThrow(expect.objectContaining({ code: "NOT_UNDERSTOOD" }));
  });
});

describe("blobs", () => {
  const codec = createCodec({ blobThreshold: 4 });
  const reference = (bytes: Uint8Array): BlobReference => ({ sha256: "ab".repeat(32), size: bytes.byteLength });

  it("are offered from the threshold on, and named by hash and size", () => {
    const offered: string[] = [];
    const json = codec.encode([Buffer.from("abc"), Buffer.from("abcd"), new ArrayBuffer(8)], {
      onBlob(bytes) {
        offered.push(Buffer.from(bytes).toString());
        return reference(bytes);
      },
    });
    expect(offered).toEqual(["abcd", "\0\0\0\0\0\0\0\0"]);
    expect(stringifyJson(json)).toBe(
      `[{"$ah":"bytes","type":"Buffer","base64":"YWJj"},` +
        `{"$ah":"bytes","type":"Buffer","blob":{"sha256":"${"ab".repeat(32)}","size":4}},` +
        `{"$ah":"bytes","type":"ArrayBuffer","blob":{"sha256":"${"ab".repeat(32)}","size":8}}]`,
    );
  });

  it("are read back through the caller, into memory of their own", () => {
    const stored = Buffer.from("0123");
    const json = codec.encode({ list: [new Uint16Array([1, 2])] }, { onBlob: reference });
    const asked: BlobReference[] = [];
    const back = codec.decode(json, {
      blob(wanted) {
        asked.push(wanted);
        return stored;
      },
    }) as { list: [Uint16Array] };
    expect(asked).toEqual([{ sha256: "ab".repeat(32), size: 4 }]);
    expect(back.list[0]).toEqual(new Uint16Array([0x3130, 0x3332]));
    stored.fill(0);
    expect(back.list[0][0]).toBe(0x3130);
  });

  it("stay inline when nobody takes them", () => {
    expect(textOf(Buffer.from("abcd"), codec)).toContain("base64");
  });

  it("can be listed before anything is decoded, each once", () => {
    const bytes = Buffer.from("abcd");
    const json = codec.encode([{ a: bytes }, bytes, new Map([[bytes, Buffer.from("abcd")]])], { onBlob: reference });
    expect(blobReferences(json)).toEqual([{ sha256: "ab".repeat(32), size: 4 }]);
    expect(blobReferences(codec.encode({ $ah: "bytes", blob: reference(bytes) }))).toEqual([]);
  });

  it("are refused when they have another size, cannot be had, or are wrongly named", () => {
    const json = codec.encode(Buffer.from("abcd"), { onBlob: reference });
    const integrity = expect.objectContaining({ code: "CONTEXT_INTEGRITY" });
    expect(() => codec.decode(json, { blob: () => Buffer.from("abc") })).toThrow(integrity);
    expect(() => codec.decode(json)).toThrow(integrity);
    const wrong = { sha256: "AB".repeat(32), size: 4 };
    expect(() => codec.encode(Buffer.from("abcd"), { onBlob: () => wrong })).toThrow(
      expect.objectContaining({ code: "NOT_SERIALIZABLE" }),
    );
  });
});
