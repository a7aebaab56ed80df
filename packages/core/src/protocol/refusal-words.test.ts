import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { parseEnvelope } from "./envelope.js";
import { packMember, unpackMember } from "./gzip-member.js";
import { parseEntries, parseHandoff } from "./handoff-bytes.js";
import { parseTaskId } from "./ids.js";
import { createKeys } from "./keys.js";
import { decompressHandoff, MAX_HANDOFF_BYTES, parseSegment, serializeTombstone } from "./segment.js";
import { chain, header, member, segment, slot, stored, withHeader } from "./testing/stored-segment.js";
import { entryWire, envelopeWire, handoffWire } from "./wire.js";

// Whoever finds a chain damaged has these words, and no more: each names the thing and what is wrong with it.

const lines = (...all: readonly string[]) => Buffer.from(all.map((line) => `${line}\n`).join(""));
const [first = ""] = Buffer.from(chain[0]?.raw ?? [])
  .toString()
  .split("\n");
const record = JSON.parse(first) as object;
const withMembers = (members: object) => lines(JSON.stringify({ ...record, ...members }));
const [frame] = segment.frames;
if (frame === undefined) throw new Error("no frame");

describe("a refusal says what is wrong", () => {
  it.each<[string, () => unknown]>([
    ["a stored handoff does not end with a line feed", () => parseHandoff(Buffer.from(first))],
    ["a line of a stored handoff is not UTF-8", () => parseHandoff(Buffer.from([0xff, 0x0a]))],
    ["a line of a stored handoff is not JSON", () => parseHandoff(lines("{"))],
    ["a line of a stored handoff is not a JSON object", () => parseHandoff(lines("[]"))],
    [
      "a stored handoff has missing or wrong fields: hop, step",
      () => parseHandoff(withMembers({ hop: -1, step: "1" })),
    ],
    ["handoff version 2", () => parseHandoff(withMembers({ v: 2 }))],
    ['a handoff that requires "wings"', () => parseHandoff(withMembers({ requires: ["wings"] }))],
    ['a handoff that requires "wings"', () => parseHandoff(withMembers({ requires: [1, "wings"] }))],
    ["a line of a stored handoff has no kind", () => parseEntries(lines(first, "{}"))],
    ["a stored handoff has a second record", () => parseEntries(lines(first, first))],
    [
      "a stored state entry has missing or wrong fields: name",
      () => parseEntries(lines(first, '{"kind":"state","value":1}')),
    ],
    ["a member of this handoff's record", () => handoffWire.toJson({} as never)],
    ["a member of this entry", () => entryWire.toJson({ kind: "state" } as never)],
    ["a member of this envelope", () => envelopeWire.toJson({} as never)],
    ["its value is missing or not allowed there", () => envelopeWire.toJson({} as never)],
  ])("in a handoff: %s", (words, read) => {
    expect(read).toThrow(words);
  });

  it.each<[string, () => unknown]>([
    ["a segment's header is not a gzip file", () => parseSegment(Buffer.from("text"), slot)],
    ["a segment's header is truncated", () => parseSegment(stored.subarray(0, packedHeader().length - 1), slot)],
    ["a segment's header is not one line", () => parseSegment(member("{}"), slot)],
    ["a segment's header is not one line", () => parseSegment(member("{}\n\n"), slot)],
    ["a segment's header is not JSON", () => parseSegment(member("{\n"), slot)],
    ["a segment's header has missing or wrong fields", () => parseSegment(withHeader({ refs: 3 }), slot)],
    ["segment version 2", () => parseSegment(withHeader({ v: 2 }), slot)],
    ["a slot holds the segment of another task or hop", () => parseSegment(stored, { ...slot, hop: 6 })],
    ["a segment's frames do not match its hops", () => parseSegment(withHeader({ frames: [] }), slot)],
    ["a segment's refs do not ascend", () => parseSegment(withHeader({ refs: [3, 3] }), slot)],
    ["a segment and its refs do not cover the chain", () => parseSegment(withHeader({ refs: [] }), slot)],
    ["a stored segment is truncated", () => parseSegment(stored.subarray(0, -1), slot)],
    ["a stored segment has bytes after its last member", () => parseSegment(Buffer.concat([stored, stored]), slot)],
    ["a tombstone has bytes after its header", () => parseSegment(Buffer.concat([tombstone, stored]), slot)],
    ["a tombstone has bytes after its header", () => parseSegment(withHeader({ erased: true }), slot)],
    [
      "a stored handoff",
      () => parseSegment(withHeader({ frames: header.frames.map(() => [1, MAX_HANDOFF_BYTES + 1]) }), slot),
    ],
    ["a handoff in a stored segment does not unpack", () => decompressHandoff({ ...frame, gzip: broken(frame.gzip) })],
    ["a handoff in a stored segment is longer than announced", () => decompressHandoff({ ...frame, rawBytes: 1 })],
    ["a handoff in a stored segment is shorter than announced", () => decompressHandoff({ ...frame, rawBytes: 1e6 })],
    [
      "a handoff in a stored segment has bytes after its end",
      () => decompressHandoff({ ...frame, gzip: Buffer.concat([frame.gzip, frame.gzip]) }),
    ],
  ])("in a segment: %s", (words, read) => {
    expect(read).toThrow(words);
  });

  it.each<[string, string]>([
    ["the message is too large to be an envelope", " ".repeat(16_385)],
    ["the message is not JSON", "{"],
    ["the message is not JSON", " ".repeat(16_384)],
    ["the message is not a JSON object", "[]"],
    ["the envelope's fields are missing or wrong: v, relay_id, task_id, hop", '{"hop":"1"}'],
  ])("in an envelope: %s", (reason, body) => {
    expect(parseEnvelope(body)).toEqual({ status: "unusable", reason: expect.stringContaining(reason) });
  });

  it("in a segment: not before a frame announces more than 1 GiB", () => {
    expect(MAX_HANDOFF_BYTES).toBe(1024 ** 3);
    const announcing = (bytes: number) =>
      parseSegment(withHeader({ frames: header.frames.map(([gzip]) => [gzip, bytes]) }), slot);
    expect(announcing(MAX_HANDOFF_BYTES).frames.map(({ rawBytes }) => rawBytes)).toEqual(
      header.frames.map(() => MAX_HANDOFF_BYTES),
    );
    expect(() => announcing(MAX_HANDOFF_BYTES + 1)).toThrow(expect.objectContaining({ code: "CONTEXT_TOO_LARGE" }));
  });

  it("in a handoff: that it is too deep for any reader, which is no damage", () => {
    const deep = `{"kind":"message","value":${"[".repeat(60_000)}${"]".repeat(60_000)}}`;
    expect(() => parseEntries(lines(first, deep))).toThrow(expect.objectContaining({ code: "CONTEXT_TOO_DEEP" }));
  });

  it("in an envelope: which version would understand it", () => {
    expect(parseEnvelope('{"v":3}')).toEqual({ status: "not-understood", reason: "the envelope has version 3" });
  });

  it("in an id: which kind, and what it must match", () => {
    const keys = createKeys({ relayId: "r" });
    expect(() => createKeys({ relayId: "r", prefix: "a" })).toThrow("a prefix of keys");
    expect(() => createKeys({ relayId: "r", prefix: "a" })).toThrow("at most 200 characters");
    expect(() => createKeys({ relayId: "R" })).toThrow("a relay id");
    expect(() => keys.slot("../t", 0)).toThrow("a task id");
    expect(() => parseTaskId("a.b")).toThrow("a task id");
    expect(() => keys.slot("t", -1)).toThrow("a hop");
    expect(() => keys.slot("t", -1)).toThrow("0 … 9999999999");
    expect(() => keys.blob("t", "x")).toThrow("a blob's hash");
  });

  it("and names at most a dozen members, however many are wrong", () => {
    const reading = handoffWire.fromJson({ kind: "handoff" });
    expect("wrong" in reading && reading.wrong.split(", ")).toHaveLength(12);
  });
});

describe("a gzip member", () => {
  it("is refused when its checksum or its length says something else than it holds", () => {
    const packed = packMember(Buffer.from("text"));
    for (const fromEnd of [8, 5, 4, 1]) {
      const changed = Buffer.from(packed);
      changed[packed.length - fromEnd] = (changed[packed.length - fromEnd] ?? 0) ^ 1;
      expect(() => unpackMember(changed, 4, "a thing")).toThrow("a thing does not match its checksum");
    }
  });

  it("is read past an extra field of more than 255 bytes", () => {
    const packed = packMember(Buffer.from("text"));
    const header = Buffer.from(packed.subarray(0, 10));
    header[3] = 4;
    const extra = Buffer.concat([Buffer.from([0x2c, 0x01]), Buffer.alloc(0x12c, 0x41)]);
    const member = Buffer.concat([header, extra, packed.subarray(10)]);
    expect(Buffer.from(unpackMember(member, 4, "a thing").raw).toString()).toBe("text");
  });

  it("is written by the fastest method, and says so", () => {
    // RFC 1952: XFL = 4, the compressor used its fastest algorithm.
    expect(packMember(Buffer.from("text"))[8]).toBe(4);
  });
});

const tombstone = serializeTombstone(slot.taskId, slot.hop);
const packedHeader = () => gzipSync(`${JSON.stringify(header)}\n`, { level: 1 });
const broken = (gzip: Uint8Array) => Buffer.concat([gzip.subarray(0, 10), Buffer.alloc(gzip.length - 10, 0xff)]);
