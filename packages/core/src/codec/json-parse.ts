import { ContextIntegrityError, ContextTooLargeError } from "../errors/index.js";
import { type Json, MAX_JSON_BYTES, MAX_JSON_DEPTH } from "./json.js";
import { scanJson } from "./json-scan.js";

export interface ParseLimits {
  /** How many arrays and objects may stand inside one another. Default 50,000. */
  readonly maxDepth?: number;
  /** UTF-8 bytes of the text. Default 65 MiB. */
  readonly maxBytes?: number;
}

/**
 * Parses a JSON text, and refuses what `JSON.parse` silently changes: a name that occurs twice in an object, and
 * a number that does not fit a float64. A `__proto__` in the text becomes an own property.
 * Throws `ContextIntegrityError`, `ContextTooDeepError`, `ContextTooLargeError`.
 */
export function parseJson(text: string, limits: ParseLimits = {}): Json {
  checkSize(text, limits.maxBytes ?? MAX_JSON_BYTES);
  const { names } = scanJson(text, limits.maxDepth ?? MAX_JSON_DEPTH);
  const json = parse(text);
  // The parser keeps one of several properties of the same name, so then there are fewer than the text has names.
  if (names !== countProperties(json)) {
    throw new ContextIntegrityError("a JSON text has an object in which a name occurs twice");
  }
  return json;
}

function checkSize(text: string, limit: number): void {
  // A UTF-16 unit takes three bytes of UTF-8 at most, so most texts need not be measured.
  if (text.length * 3 <= limit) return;
  const size = text.length > limit ? text.length : Buffer.byteLength(text);
  if (size > limit) throw new ContextTooLargeError({ what: "a JSON text", limit, size });
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    // The message of the engine quotes the text, which may hold secrets: only the position is kept.
    const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
    const where = position === undefined ? "" : `, at character ${position}`;
    throw new ContextIntegrityError(`a text is not JSON${where}`);
  }
}

function countProperties(root: Json): number {
  let count = 0;
  const waiting: Json[] = [root];
  for (let json = waiting.pop(); json !== undefined; json = waiting.pop()) {
    if (typeof json !== "object" || json === null) continue;
    if (Array.isArray(json)) {
      for (const item of json as readonly Json[]) {
        if (typeof item === "object" && item !== null) waiting.push(item);
      }
      continue;
    }
    const object = json as { readonly [key: string]: Json };
    const names = Object.keys(object);
    count += names.length;
    for (const name of names) {
      const value = object[name];
      if (typeof value === "object" && value !== null) waiting.push(value);
    }
  }
  return count;
}
