import { StoreError } from "../errors/index.js";
import type { ContextStore } from "../ports/index.js";
import { type MemoryData, memoryData } from "./memory-data.js";

export interface MemoryStoreOptions {
  /** What to keep things in, where several handles share it. Default: data of its own. */
  readonly data?: MemoryData;
  /** Once this is aborted every call rejects: the handle is closed, the data stay. */
  readonly closed?: AbortSignal;
}

/** The first position whose key is not before `key`. */
function position(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first text after `key`. */
const successor = (key: string): string => `${key}\0`;

/** A context store in memory. Each call happens at once, so concurrent callers cannot meet in the middle of one. */
export function memoryStore(options: MemoryStoreOptions = {}): ContextStore {
  const { objects, keys } = options.data ?? memoryData();

  function write(key: string, bytes: Uint8Array, mediaType: string | undefined): void {
    if (!objects.has(key)) keys.splice(position(keys, key), 0, key);
    // Copied, here and in `get`: what the caller does to its array later is not a change of what is stored.
    objects.set(key, { bytes: Uint8Array.from(bytes), mediaType });
  }

  function begin(operation: string, key: string, signal: AbortSignal | undefined): void {
    if (options.closed?.aborted === true) {
      throw new StoreError(operation, { subject: key, retryable: false, hint: "this handle was closed" });
    }
    signal?.throwIfAborted();
  }

  return {
    async putIfAbsent(key, bytes, { mediaType, signal } = {}) {
      begin("put", key, signal);
      if (objects.has(key)) return "exists";
      write(key, bytes, mediaType);
      return "created";
    },

    async get(key, { range, signal } = {}) {
      begin("get", key, signal);
      return objects.get(key)?.bytes.slice(range?.start, range?.end);
    },

    async *list(prefix, { after, signal } = {}) {
      begin("list", prefix, signal);
      let next = position(keys, after === undefined || after < prefix ? prefix : successor(after));
      for (let key = keys[next]; key?.startsWith(prefix); key = keys[next]) {
        begin("list", prefix, signal);
        yield key;
        // Found anew, since keys may have come and gone while the caller was busy.
        next = position(keys, successor(key));
      }
    },

    async overwrite(key, bytes, { mediaType, signal } = {}) {
      begin("overwrite", key, signal);
      write(key, bytes, mediaType);
    },

    async delete(key, { signal } = {}) {
      begin("delete", key, signal);
      if (objects.delete(key)) keys.splice(position(keys, key), 1);
    },
  };
}
