import { isUtf8 } from "node:buffer";
import { isJsonObject, type Json, parseJson } from "../codec/index.js";
import { ContextIntegrityError, HandoffError } from "../errors/index.js";

/**
 * Reads one line of JSON, its line feed left out: an object, in UTF-8.
 * @param what names it in errors: `a segment's header`
 * @throws ContextIntegrityError
 */
export function parseObjectLine(bytes: Uint8Array, what: string): { readonly [name: string]: Json } {
  if (!isUtf8(bytes)) throw new ContextIntegrityError(`${what} is not UTF-8`);
  let json: Json;
  try {
    // Unlike a TextDecoder, this keeps a byte order mark, which JSON then refuses.
    json = parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
  } catch (cause) {
    if (HandoffError.isInstance(cause) && cause.code !== "CONTEXT_INTEGRITY") throw cause;
    throw new ContextIntegrityError(`${what} is not JSON`, { cause });
  }
  if (!isJsonObject(json)) throw new ContextIntegrityError(`${what} is not a JSON object`);
  return json;
}

/** The version that an object says it has, when this code does not know it yet: valid, for newer readers. */
export function newerVersion(json: { readonly [name: string]: Json }): number | undefined {
  return typeof json.v === "number" && Number.isInteger(json.v) && json.v > 1 ? json.v : undefined;
}
