import { isUtf8 } from "node:buffer";
import type { ByteSource } from "./byte-source.js";
import { NotUtf8Error } from "./input-errors.js";

const BOM = [0xef, 0xbb, 0xbf] as const;

/** How many bytes at the end of a chunk belong to a character that the next chunk may finish. */
function unfinishedTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
}

/** The length of the longest prefix that is UTF-8. */
function validPrefix(bytes: Uint8Array): number {
  let low = 0;
  let high = bytes.length;
  // A prefix that ends inside a character is not valid by itself, so bisect on its finished part.
  const finished = (end: number) => bytes.subarray(0, end - unfinishedTail(bytes.subarray(0, end)));
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (isUtf8(finished(middle))) low = middle;
    else high = middle - 1;
  }
  return finished(low).length;
}

function guessEncoding(head: Uint8Array): string {
  if (head[0] === 0xff && head[1] === 0xfe) return "UTF-16LE";
  if (head[0] === 0xfe && head[1] === 0xff) return "UTF-16BE";
  return "WINDOWS-1252";
}

/**
 * The bytes of a source, proved to be UTF-8 and cut between characters, without a byte order mark.
 *
 * @throws NotUtf8Error at the first byte that is not, with its offset in the source.
 */
export async function* utf8Bytes(source: ByteSource): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  let offset = 0;
  let head: Uint8Array = rest;
  let atStart = true;

  const fail = (bytes: Uint8Array): never => {
    const at = validPrefix(bytes);
    throw new NotUtf8Error(source.name, { byteOffset: offset + at, byte: bytes[at], encoding: guessEncoding(head) });
  };

  for await (const chunk of source.open()) {
    if (head.length === 0) head = Buffer.from(chunk.subarray(0, 4));
    const bytes =
      rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([rest, chunk]);
    // Wait for enough bytes to tell a byte order mark from text.
    if (atStart && bytes.length < BOM.length) {
      rest = Buffer.from(bytes);
      continue;
    }
    const whole = bytes.subarray(0, bytes.length - unfinishedTail(bytes));
    if (!isUtf8(whole)) fail(bytes);
    rest = Buffer.from(bytes.subarray(whole.length));
    const marked = atStart && BOM.every((byte, index) => whole[index] === byte);
    atStart = false;
    offset += whole.length;
    const text = marked ? whole.subarray(BOM.length) : whole;
    if (text.length > 0) yield text;
  }
  if (rest.length === 0) return;
  if (!isUtf8(rest)) fail(rest);
  yield rest;
}
