/** What a JSON text can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A JSON object or array that is still being built. */
export type JsonArray = Json[];
export type JsonObject = { [key: string]: Json };

/** The one reserved name: an object that has it is a tagged value, never a plain object. */
export const RESERVED_KEY = "$ah";

/** How deeply values may be nested. The outermost array or object is at depth 1. */
export const MAX_VALUE_DEPTH = 10_000;

/** UTF-8 bytes of the JSON text of one value. */
export const MAX_VALUE_BYTES: number = 64 * 1024 * 1024;

/** Binary values of at least this many bytes are offered as blobs. */
export const BLOB_THRESHOLD_BYTES: number = 64 * 1024;

/**
 * How deeply a stored JSON text may be nested. One level of values takes four levels of JSON at most
 * (a shared map: `def`, the tag, its entries, one entry), and a value stands inside a line of a handoff.
 */
export const MAX_JSON_DEPTH = 50_000;

/** UTF-8 bytes of one stored JSON text: a value, and what a line says about it. */
export const MAX_JSON_BYTES: number = MAX_VALUE_BYTES + 1024 * 1024;

/** Sets an own property, whatever a prototype says about that name (`__proto__`, a setter, a frozen `toString`). */
export function setOwn(target: object, key: string, value: unknown): void {
  if (key in target) {
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    (target as Record<string, unknown>)[key] = value;
  }
}

/** Whether a JSON value is an object, not an array. */
export function isJsonObject(json: Json | undefined): json is { readonly [key: string]: Json } {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

/** Whether a string has no lone surrogate, and so can be written in UTF-8. */
export function isWellFormed(text: string): boolean {
  // In the language since ES2024, and in Node since 20; the type library in use is older.
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}
