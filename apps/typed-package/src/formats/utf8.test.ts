import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf } from "./byte-source.js";
import { NotUtf8Error } from "./input-errors.js";
import { utf8Bytes } from "./utf8.js";

async function collect(chunks: readonly Uint8Array[]): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of utf8Bytes(bytesOf("file.csv", ...chunks))) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

/** Cuts bytes at the given places, wherever characters begin. */
function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}

const wellFormed = fc.string({ unit: "grapheme", maxLength: 60 });

describe("utf8Bytes", () => {
  it("gives the same text however the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(wellFormed, fc.integer({ min: 1, max: 7 }), async (text, size) => {
        const plain = text.replace(/^\ufeff+/, "");
        expect(await collect(cut(Buffer.from(plain), size))).toBe(plain);
      }),
    );
  });

  it("takes a byte order mark away, also when it is cut", async () => {
    for (const size of [1, 2, 3, 100]) expect(await collect(cut(Buffer.from("\ufeffa,b\n"), size))).toBe("a,b\n");
  });

  it("names the offset of the first byte that is not UTF-8, however the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        wellFormed,
        fc.constantFrom(0xff, 0xe9, 0x80, 0xc0),
        fc.integer({ min: 1, max: 5 }),
        async (text, bad, size) => {
          const before = Buffer.from(`x${text}`);
          const error = await collect(
            cut(Buffer.concat([before, Buffer.from([bad]), Buffer.from(" after")]), size),
          ).catch((e) => e);
          expect(error).toBeInstanceOf(NotUtf8Error);
          expect(error.byteOffset).toBe(before.length);
        },
      ),
    );
  });

  it("says what to do about Latin-1, UTF-16 and a file that was cut off", async () => {
    await expect(collect([Buffer.from("caf\xe9,1\n", "latin1")])).rejects.toThrow(
      "file.csv is not UTF-8: byte 0xe9 at byte offset 3; convert it, for example: iconv -f WINDOWS-1252 -t UTF-8",
    );
    await expect(collect([Buffer.from("\ufeffa,b\n", "utf16le")])).rejects.toThrow(/iconv -f UTF-16LE/);
    await expect(collect([Buffer.from("é").subarray(0, 1)])).rejects.toThrow(/the last character is cut off|byte 0xc3/);
  });
});
