import { createReadStream } from "node:fs";
import { basename } from "node:path";

/** Bytes that can be read more than once, in order, without holding them all. */
export interface ByteSource {
  /** The file's base name: agents never learn where it stood. */
  readonly name: string;
  open(): AsyncIterable<Uint8Array>;
}

export function bytesOf(name: string, ...chunks: readonly (Uint8Array | string)[]): ByteSource {
  return {
    name,
    async *open() {
      for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk, "utf8") : chunk;
    },
  };
}

export function fileBytes(path: string): ByteSource {
  return { name: basename(path), open: () => createReadStream(path) };
}

/** At most the first `maxBytes` bytes. */
export async function headOf(source: ByteSource, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source.open()) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}
