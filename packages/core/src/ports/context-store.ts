/**
 * Where contexts live: a flat map from keys to immutable bytes.
 *
 * Each sentence of this contract is a promise. `contextStoreSuite` of `@agenthandoff/conformance` checks all that a test can see.
 * Keys are ASCII paths made by core (`relay/slots/task/0000000004.ndjson.gz`), at most 512 characters, never empty.
 *
 * Every method rejects with a `StoreError` when the store fails or does not answer; a rejected write is ambiguous
 * (it may have happened). Missing is never an error, and an error is never taken for missing: a store that cannot
 * be reached, refuses or is slow rejects. Every method that takes a `signal` rejects with its reason once it is aborted.
 */
export interface ContextStore {
  /**
   * Writes `bytes` under `key` if nothing is there, and resolves to `"created"`; resolves to `"exists"`, and changes
   * nothing, otherwise. Of any number of concurrent calls for one key, in any number of processes, exactly one is
   * answered `"created"`, and every later `get` yields its bytes whole, never a part.
   */
  putIfAbsent(key: string, bytes: Uint8Array, options?: StoreWriteOptions): Promise<"created" | "exists">;

  /**
   * The bytes under `key`, or `undefined` when there are none. What `putIfAbsent` or `overwrite` wrote before is seen
   * (read after write, in every process). With `range`, only those bytes; a range that begins at or after the end
   * yields an empty array, one that ends after it is cut.
   */
  get(key: string, options?: StoreReadOptions): Promise<Uint8Array | undefined>;

  /**
   * The keys that begin with `prefix`, ascending by code unit, those after `after` (exclusive) where given.
   * A key that was written before the call is listed, one that was deleted before it is not.
   */
  list(prefix: string, options?: StoreListOptions): AsyncIterable<string>;

  /**
   * Writes `bytes` under `key`, whatever was there. A `get` beside it yields the old bytes or the new ones, never a
   * mixture. Core calls it for checkpoints and for erasure, else never on slots.
   */
  overwrite(key: string, bytes: Uint8Array, options?: StoreWriteOptions): Promise<void>;

  /** Removes `key`; removing what is not there succeeds. Old versions go too, where the store keeps them. */
  delete(key: string, options?: { readonly signal?: AbortSignal }): Promise<void>;
}

export interface StoreWriteOptions {
  /** The media type to record where the store has such a thing, e.g. `application/gzip`. */
  readonly mediaType?: string;
  readonly signal?: AbortSignal;
}

export interface StoreReadOptions {
  /** Byte offsets: `start` inclusive, `end` exclusive. */
  readonly range?: { readonly start: number; readonly end: number };
  readonly signal?: AbortSignal;
}

export interface StoreListOptions {
  /** List only keys that sort after this one. */
  readonly after?: string;
  readonly signal?: AbortSignal;
}
