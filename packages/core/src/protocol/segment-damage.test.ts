import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { ContextIntegrityError, ContextTooLargeError } from "../errors/index.js";
import { compressHandoff, decompressHandoff, MAX_HANDOFF_BYTES, parseSegment } from "./segment.js";
import { hasTool } from "./testing/foreign-tool.js";
import { storeChain } from "./testing/sample-chain.js";
import { chain, header, readAll, segment, slot, stored, taskId, withHeader } from "./testing/stored-segment.js";

describe("a segment", () => {
  it.skipIf(!hasTool("gunzip"))("is read by the real gunzip: its header and its handoffs are lines of JSON", () => {
    for (const [hop, bytes] of storeChain(chain).entries()) {
      const { stdout, stderr, status } = spawnSync("gunzip", ["-c"], { input: bytes });
      expect(stderr.toString()).toBe("");
      expect(status).toBe(0);
      const { first } = parseSegment(bytes, { taskId, hop });
      const raw = chain.slice(first, hop + 1).map((handoff) => handoff.raw);
      const [line = "", ...rest] = stdout.toString("utf8").split("\n");
      expect(JSON.parse(line)).toMatchObject({ v: 1, task_id: taskId, hop, first });
      expect(rest.join("\n")).toBe(Buffer.concat(raw).toString("utf8"));
    }
  });

  it("truncated at any byte is refused", () => {
    for (let length = 0; length < stored.length; length++) {
      expect(() => parseSegment(stored.subarray(0, length), slot), String(length)).toThrow(ContextIntegrityError);
    }
  });

  it("with any one bit flipped is refused, or gives another hash, or gives all that it gave", () => {
    const whole = readAll(stored);
    let undetected = 0;
    for (let bit = 0; bit < stored.length * 8; bit++) {
      const flipped = Buffer.from(stored);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      let read: string[];
      try {
        read = readAll(flipped);
      } catch (error) {
        expect(error, `bit ${bit}`).toBeInstanceOf(ContextIntegrityError);
        continue;
      }
      expect(read, `bit ${bit}`).toEqual(whole);
      undetected++;
    }
    // Gzip's time, extra flags, system and text flag mean nothing: 6 bytes and a bit of each member; and where a
    // deflate stream ends, up to 7 bits are left over.
    expect(undetected).toBeLessThanOrEqual((segment.frames.length + 1) * (6 * 8 + 1 + 7));
    expect(undetected).toBeGreaterThan(0);
  });
});

describe("a segment that is a bomb", () => {
  /** What the process holds at most while something runs, above what it held before. */
  const growthDuring = (run: () => void): number => {
    const before = process.memoryUsage();
    run();
    const after = process.memoryUsage();
    return after.arrayBuffers + after.external - before.arrayBuffers - before.external;
  };
  const mebibyte = 1024 * 1024;
  let bomb: Buffer;
  beforeAll(() => {
    bomb = gzipSync(Buffer.alloc(128 * mebibyte), { level: 9 });
  });

  it("in its header is refused before memory is spent", () => {
    expect(bomb.length).toBeLessThan(mebibyte);
    const growth = growthDuring(() => expect(() => parseSegment(bomb, slot)).toThrow(ContextTooLargeError));
    expect(growth).toBeLessThan(32 * mebibyte);
  });

  it("in a frame is refused at the size that was announced", () => {
    const growth = growthDuring(() =>
      expect(() => decompressHandoff({ gzip: bomb, rawBytes: 1_000 })).toThrow(ContextIntegrityError),
    );
    expect(growth).toBeLessThan(32 * mebibyte);
  });

  it("costs no memory for a size that is only announced", () => {
    const { gzip } = compressHandoff(Buffer.from("small"));
    const growth = growthDuring(() =>
      expect(() => decompressHandoff({ gzip, rawBytes: MAX_HANDOFF_BYTES })).toThrow("shorter than announced"),
    );
    expect(growth).toBeLessThan(32 * mebibyte);
  });

  it("that announces more than any reader accepts is refused by its header", () => {
    const huge = withHeader({ frames: header.frames.map(([gzip]) => [gzip, MAX_HANDOFF_BYTES + 1]) });
    expect(() => parseSegment(huge, slot)).toThrow(ContextTooLargeError);
  });

  it("made of numbers that overflow is refused", () => {
    const most = Number.MAX_SAFE_INTEGER;
    expect(() => parseSegment(withHeader({ frames: header.frames.map(() => [most, 1]) }), slot)).toThrow(
      ContextIntegrityError,
    );
    expect(() =>
      parseSegment(withHeader({ hop: 9_999_999_999, first: 9_999_999_996 }), { taskId, hop: 9_999_999_999 }),
    ).toThrow(ContextIntegrityError);
  });

  it("made of random bytes after a gzip header is refused", () => {
    for (let round = 0; round < 200; round++) {
      const bytes = Buffer.concat([stored.subarray(0, 10), randomBytes(200)]);
      expect(() => parseSegment(bytes, slot)).toThrow(ContextIntegrityError);
    }
  });
});
