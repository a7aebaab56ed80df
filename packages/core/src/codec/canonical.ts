import { ContextIntegrityError, ContextTooLargeError, NotSerializableError } from "../errors/index.js";
import type { Codec } from "./codec.js";
import { isJsonObject, isWellFormed, type Json, MAX_VALUE_BYTES, RESERVED_KEY } from "./json.js";
import { type WriteOptions, writeJson } from "./json-write.js";
import { joinPath, segment } from "./path.js";

/**
 * The canonical text of a JSON value (RFC 8785): no white space, names sorted by UTF-16 code units, numbers and
 * strings as ECMAScript writes them. Two equal values have the same text, and so the same hash.
 * Throws `NotSerializableError` for what RFC 8785 cannot write: NaN, infinities, lone surrogates.
 */
export function canonicalJson(json: Json): string {
  return writeJson(json, canonical);
}

/**
 * The canonical text of any value that the codec can encode. Shared references are written out each time, so that
 * a value hashes the same however its parts are shared; sharing can make the text exponentially longer than the
 * value, so `maxBytes` (of UTF-8) bounds it with `ContextTooLargeError`. A cycle is a `NotSerializableError`.
 */
export function canonicalValue(codec: Codec, value: unknown, options: { readonly maxBytes?: number } = {}): string {
  const maxBytes = options.maxBytes ?? MAX_VALUE_BYTES;
  const json = codec.encode(value);
  const shared = findShared(json);
  const text = writeJson(json, {
    ...canonical,
    replace: (node) => expand(node, shared),
    onLength(length) {
      if (length > maxBytes) throw tooLarge(maxBytes);
    },
    onCycle(path) {
      throw new NotSerializableError({
        path: joinPath(path.map(segment)),
        what: "a cycle in a value that is to be hashed",
        hint: "pass a value that does not contain itself",
      });
    },
  });
  if (Buffer.byteLength(text) > maxBytes) throw tooLarge(maxBytes);
  return text;
}

const canonical: WriteOptions = {
  sorted: true,
  number(number) {
    if (!Number.isFinite(number)) throw notCanonical(`the number ${number}`);
    return JSON.stringify(number);
  },
  string(text) {
    if (!isWellFormed(text)) throw notCanonical("a lone surrogate in a string");
    return JSON.stringify(text);
  },
};

function notCanonical(what: string): NotSerializableError {
  return new NotSerializableError({ path: "$", what, hint: "canonical JSON cannot say it; encode the value first" });
}

function tooLarge(limit: number): ContextTooLargeError {
  const hint = "a value that occurs in many places is written out in each; pass less, or a hash of it";
  return new ContextTooLargeError({ what: "the canonical JSON of a value", limit, hint });
}

function expand(node: Json, shared: ReadonlyMap<Json, Json>): { json: Json; identity?: unknown } {
  const tag = isJsonObject(node) && Object.hasOwn(node, RESERVED_KEY) ? node[RESERVED_KEY] : undefined;
  if (!isJsonObject(node) || (tag !== "def" && tag !== "ref")) return { json: node };
  const id = node.id as Json;
  const json = shared.get(id);
  if (json === undefined) throw new ContextIntegrityError("a reference names a value that is not there");
  return { json, identity: id };
}

/** The value behind each id. The codec has just written them, so nothing needs to be checked. */
function findShared(json: Json): ReadonlyMap<Json, Json> {
  const shared = new Map<Json, Json>();
  const waiting: Json[] = [json];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== "object" || next === null) continue;
    if (isJsonObject(next) && next[RESERVED_KEY] === "def") shared.set(next.id as Json, next.value as Json);
    for (const child of Object.values(next)) {
      if (typeof child === "object" && child !== null) waiting.push(child);
    }
  }
  return shared;
}
