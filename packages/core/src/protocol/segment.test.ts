import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ContextIntegrityError, NotUnderstoodError, TaskErasedError } from "../errors/index.js";
import { parseHandoff } from "./handoff-bytes.js";
import { compressHandoff, decompressHandoff, parseSegment, serializeSegment, serializeTombstone } from "./segment.js";
import { chain, header, member, readAll, segment, slot, stored, taskId, withHeader } from "./testing/stored-segment.js";

describe("a segment", () => {
  it("comes back with the handoffs it was made of, and copies their members as they are", () => {
    const read = parseSegment(stored, slot);
    expect(read).toEqual({ ...segment, frames: read.frames });
    expect(read.frames.map((frame) => Buffer.from(frame.gzip))).toEqual(
      segment.frames.map((frame) => Buffer.from(frame.gzip)),
    );
    expect(read.frames.map((frame) => parseHandoff(decompressHandoff(frame)))).toEqual(
      chain.slice(4, 8).map((handoff) => ({ ...handoff, raw: expect.anything() })),
    );
  });

  it("carries any run after any segments, aligned or not", () => {
    const cuts = fc.uniqueArray(fc.nat({ max: 300 }), { maxLength: 12 }).map((all) => all.sort((a, b) => a - b));
    fc.assert(
      fc.property(cuts, fc.integer({ min: 1, max: 40 }), fc.uint8Array({ maxLength: 50 }), (refs, run, raw) => {
        const first = (refs.at(-1) ?? -1) + 1;
        const hop = first + run - 1;
        const given = { taskId, hop, first, refs, frames: Array.from({ length: run }, () => compressHandoff(raw)) };
        const read = parseSegment(serializeSegment(given), { taskId, hop });
        expect({ ...read, frames: read.frames.map((frame) => Buffer.from(decompressHandoff(frame))) }).toEqual({
          ...given,
          frames: given.frames.map(() => Buffer.from(raw)),
        });
      }),
    );
  });

  it("is not written when its refs and frames do not cover the chain", () => {
    for (const wrong of [
      { refs: [] },
      { refs: [2] },
      { refs: [4] },
      { refs: [3, 3] },
      { refs: [2, 1, 3] },
      { first: 5 },
      { first: 8, refs: [7], frames: [] },
      { frames: segment.frames.slice(1) },
    ]) {
      expect(() => serializeSegment({ ...segment, ...wrong }), JSON.stringify(Object.keys(wrong))).toThrow(
        ContextIntegrityError,
      );
    }
  });

  it("of another writer is read, with names in the headers of its members", () => {
    const named = (raw: Uint8Array) => {
      const plain = gzipSync(raw, { level: 9 });
      return Buffer.concat([
        plain.subarray(0, 3),
        Buffer.from([8]),
        plain.subarray(4, 10),
        Buffer.from("name\0"),
        plain.subarray(10),
      ]);
    };
    const members = chain.slice(4, 8).map(({ raw }) => named(raw));
    const line = `${JSON.stringify({ ...header, frames: members.map((each, index) => [each.length, chain[4 + index]?.raw.length]), note: "ours" })} \n`;
    const bytes = Buffer.concat([named(Buffer.from(line)), ...members]);
    expect(gunzipSync(bytes).length).toBeGreaterThan(0);
    expect(readAll(bytes)).toEqual(readAll(stored));
  });

  it.each<[string, Uint8Array]>([
    ["no bytes", new Uint8Array()],
    ["text", Buffer.from("hello, this is no gzip file at all")],
    ["bytes after its last member", Buffer.concat([stored, Buffer.from([0])])],
    ["another member after its last", Buffer.concat([stored, member("{}\n")])],
    ["a member too few", stored.subarray(0, stored.length - (segment.frames.at(-1)?.gzip.length ?? 0))],
    ["an empty header", Buffer.concat([member(""), ...segment.frames.map((each) => each.gzip)])],
    ["a header without a line feed", member(JSON.stringify(header))],
    ["a header of two lines", member(`${JSON.stringify(header)}\n{}\n`)],
    ["an empty line before its header", member(`\n${JSON.stringify(header)}\n`)],
    ["a header that is not JSON", member("{\n")],
    ["a header that is an array", member("[]\n")],
    ["a header that is not UTF-8", gzipSync(Buffer.from([0x22, 0xff, 0x22, 0x0a]))],
    ["a name twice in its header", member(`{"v":1,${JSON.stringify(header).slice(1)}\n`)],
    ["a version that is none", withHeader({ v: 0 })],
    ["no task id", withHeader({ task_id: undefined })],
    ["no refs", withHeader({ refs: undefined })],
    ["refs that do not ascend", withHeader({ refs: [2, 1, 3] })],
    ["refs that overlap it", withHeader({ refs: [4] })],
    ["refs that leave a gap", withHeader({ refs: [2] })],
    ["refs that begin below zero", withHeader({ refs: [-1, 3] })],
    ["a run that ends elsewhere", withHeader({ first: 8, refs: [7], frames: [] }, [])],
    ["more frames than hops", withHeader({ first: 5, refs: [4] })],
    ["frames of three numbers", withHeader({ frames: header.frames.map((each) => [...each, 0]) })],
    ["a frame of no bytes", withHeader({ frames: header.frames.map(([, raw]) => [0, raw]) }, [])],
    ["a negative frame", withHeader({ frames: header.frames.map(([, raw]) => [-1, raw]) })],
    ["erased that is no mark", withHeader({ erased: false })],
  ])("with %s is refused", (_, bytes) => {
    expect(() => readAll(bytes)).toThrow(ContextIntegrityError);
  });

  it("in the wrong slot is refused", () => {
    expect(() => parseSegment(stored, { taskId, hop: 8 })).toThrow("another task or hop");
    expect(() => parseSegment(stored, { taskId: "orders-43", hop: 7 })).toThrow("another task or hop");
  });

  it("of a newer version is not understood", () => {
    expect(() => parseSegment(withHeader({ v: 2, frames: "elsewhere" }), slot)).toThrow(NotUnderstoodError);
  });

  it("whose frame is not one member of the announced size is refused", () => {
    const raw = chain[4]?.raw ?? new Uint8Array();
    const { gzip } = compressHandoff(raw);
    for (const frame of [
      { gzip, rawBytes: raw.length - 1 },
      { gzip, rawBytes: raw.length + 1 },
      { gzip, rawBytes: 0 },
      { gzip: Buffer.concat([gzip, Buffer.from([0])]), rawBytes: raw.length },
      { gzip: Buffer.concat([gzip, gzip]), rawBytes: raw.length },
      { gzip: Buffer.concat([gzip, gzip]), rawBytes: raw.length * 2 },
      { gzip: gzip.subarray(0, -1), rawBytes: raw.length },
      { gzip: new Uint8Array(), rawBytes: raw.length },
    ]) {
      expect(() => decompressHandoff(frame)).toThrow(ContextIntegrityError);
    }
  });
});

describe("a tombstone", () => {
  it("says that the task was erased, and holds nothing else", () => {
    const bytes = serializeTombstone(taskId, 7);
    expect(() => parseSegment(bytes, slot)).toThrow(TaskErasedError);
    expect(JSON.parse(gunzipSync(bytes).toString("utf8"))).toEqual({
      v: 1,
      task_id: taskId,
      hop: 7,
      first: 7,
      refs: [],
      frames: [],
      erased: true,
    });
  });

  it("of another slot erases nothing", () => {
    expect(() => parseSegment(serializeTombstone(taskId, 6), slot)).toThrow(ContextIntegrityError);
    expect(() => parseSegment(serializeTombstone("orders-43", 7), slot)).toThrow(ContextIntegrityError);
  });

  it("is never what a truncated or altered object looks like", () => {
    const bytes = serializeTombstone(taskId, 7);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => parseSegment(bytes.subarray(0, length), slot)).toThrow(ContextIntegrityError);
    }
    expect(() => parseSegment(Buffer.concat([bytes, Buffer.from([0])]), slot)).toThrow(ContextIntegrityError);
    expect(() => parseSegment(withHeader({ erased: true }), slot)).toThrow(ContextIntegrityError);
    expect(() => parseSegment(withHeader({ erased: true }, []), slot)).toThrow(ContextIntegrityError);
  });
});
