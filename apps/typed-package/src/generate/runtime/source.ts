import { createReadStream } from "node:fs";
import { FileError } from "./errors.js";

/** A path, or the content itself in chunks: a stream, an array with one text, anything that can be iterated. */
export type Source = string | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** A row may be this long, so that one unclosed quote cannot fill the memory. */
export const MAX_ROW_LENGTH: number = 16 * 1024 * 1024;

/** The text of a source as it arrives, without a byte order mark. */
export async function* textOf(source: Source): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
    } catch (cause) {
      throw new FileError("the file is not UTF-8; convert it first, for example with iconv", { cause });
    }
  };
  let atStart = true;
  for await (const chunk of typeof source === "string" ? createReadStream(source) : source) {
    // The decoder takes the mark from bytes; from text it is ours to take.
    const text = typeof chunk === "string" ? (atStart ? chunk.replace(/^\ufeff/, "") : chunk) : decode(chunk);
    atStart = false;
    if (text !== "") yield text;
  }
  const rest = decode();
  if (rest !== "") yield rest;
}
