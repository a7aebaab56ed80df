import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ContextIntegrityError, ContextTooLargeError } from "../errors/index.js";
import { packMember, unpackMember } from "./gzip-member.js";

const WHAT = "a thing";

/** A member as other writers make them, with any of the optional header fields of RFC 1952. */
function memberWith(
  raw: Uint8Array,
  fields: { extra?: Uint8Array; name?: string; comment?: string; headerCrc?: boolean; text?: boolean },
) {
  const plain = gzipSync(raw);
  const { extra, name, comment, headerCrc, text } = fields;
  const flags =
    (text ? 1 : 0) |
    (headerCrc ? 2 : 0) |
    (extra ? 4 : 0) |
    (name === undefined ? 0 : 8) |
    (comment === undefined ? 0 : 16);
  const header = Buffer.from(plain.subarray(0, 10));
  header[3] = flags;
  const size = Buffer.alloc(extra ? 2 : 0);
  if (extra) size.writeUInt16LE(extra.length);
  return Buffer.concat([
    header,
    size,
    extra ?? Buffer.alloc(0),
    Buffer.from(name === undefined ? "" : `${name}\0`, "latin1"),
    Buffer.from(comment === undefined ? "" : `${comment}\0`, "latin1"),
    Buffer.alloc(headerCrc ? 2 : 0),
    plain.subarray(10),
  ]);
}

describe("a gzip member", () => {
  it("comes back whole, with its length, whatever follows it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.uint8Array({ maxLength: 40 }), (raw, after) => {
        const packed = packMember(raw);
        const read = unpackMember(Buffer.concat([packed, after]), raw.length, WHAT);
        expect(Buffer.from(read.raw)).toEqual(Buffer.from(raw));
        expect(read.length).toBe(packed.length);
      }),
    );
  });

  it.each([63, 64, 65, 65_535, 65_536, 65_537, 1_000_000])(
    "of %i bytes comes back, in one piece or several",
    (size) => {
      const raw = Buffer.from(Array.from({ length: size }, (_, index) => (index * index) % 251));
      const packed = packMember(raw);
      expect(raw.equals(unpackMember(packed, size, WHAT).raw)).toBe(true);
      expect(() => unpackMember(packed, size - 1, WHAT)).toThrow(ContextTooLargeError);
    },
  );

  it("of another writer is read past its name, comment and other header fields", () => {
    const latin = fc.stringMatching(/^[ -~]{0,20}$/);
    const fields = fc.record(
      {
        extra: fc.uint8Array({ minLength: 1, maxLength: 300 }),
        name: latin,
        comment: latin,
        headerCrc: fc.boolean(),
        text: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fields, (raw, given) => {
        const member = memberWith(raw, given);
        const read = unpackMember(member, raw.length, WHAT);
        expect(Buffer.from(read.raw)).toEqual(Buffer.from(raw));
        expect(read.length).toBe(member.length);
      }),
    );
  });

  it("of nothing is read", () => {
    expect(unpackMember(packMember(new Uint8Array()), 0, WHAT).raw).toHaveLength(0);
  });

  it("that holds more than it may is refused, even when it may hold nothing", () => {
    expect(() => unpackMember(packMember(Buffer.from("a")), 0, WHAT)).toThrow(ContextTooLargeError);
  });

  it("truncated at any byte is refused, also within the fields of its header", () => {
    const member = memberWith(Buffer.from("text"), {
      extra: Buffer.from("extra"),
      name: "name",
      comment: "c",
      headerCrc: true,
    });
    for (let length = 0; length < member.length; length++) {
      expect(() => unpackMember(member.subarray(0, length), 4, WHAT), String(length)).toThrow(ContextIntegrityError);
    }
  });

  it("with reserved flags, another method or another magic number is refused", () => {
    const packed = packMember(Buffer.from("text"));
    for (const [at, value] of [
      [0, 0x1e],
      [1, 0x8a],
      [2, 7],
      [3, 0x20],
      [3, 0x80],
    ] as const) {
      const changed = Buffer.from(packed);
      changed[at] = value;
      expect(() => unpackMember(changed, 4, WHAT)).toThrow("a thing is not a gzip file");
    }
  });

  it("in any bytes is read or refused by name, and nothing else happens", () => {
    const magic = fc.uint8Array({ maxLength: 60 }).map((rest) => Buffer.concat([Buffer.from([0x1f, 0x8b, 8]), rest]));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), magic), fc.nat({ max: 100 }), (bytes, limit) => {
        try {
          expect(unpackMember(bytes, limit, WHAT).raw.length).toBeLessThanOrEqual(limit);
        } catch (error) {
          expect([ContextIntegrityError, ContextTooLargeError]).toContain((error as Error).constructor);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
