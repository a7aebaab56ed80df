import type { ContextStore } from "@agenthandoff/core";

/** What was asked of a store. */
export interface StoreCount {
  readonly puts: number;
  /** Bytes given to `putIfAbsent` that it wrote. */
  readonly bytesWritten: number;
  readonly gets: number;
  /** How many times gets had to wait for the answers of others: what is asked side by side is one round. */
  readonly rounds: number;
  /** `list`, `overwrite`, `delete`, and puts that found the key taken. */
  readonly others: number;
}

export interface CountingStore extends ContextStore {
  /** What was asked since the last time. */
  takeCount(): StoreCount;
}

const NOTHING: StoreCount = { puts: 0, bytesWritten: 0, gets: 0, rounds: 0, others: 0 };

/** Counts what passes to a store. */
export function countingStore(store: ContextStore): CountingStore {
  let count = NOTHING;
  /** The latest round of which an answer has come: who asks now may have waited for it. */
  let answered = 0;
  const add = (more: Partial<StoreCount>): void => {
    count = { ...count, ...more };
  };

  return {
    takeCount() {
      const taken = count;
      count = NOTHING;
      answered = 0;
      return taken;
    },
    async putIfAbsent(key, bytes, options) {
      const result = await store.putIfAbsent(key, bytes, options);
      if (result === "created") add({ puts: count.puts + 1, bytesWritten: count.bytesWritten + bytes.length });
      else add({ others: count.others + 1 });
      return result;
    },
    async get(key, options) {
      const round = answered + 1;
      add({ gets: count.gets + 1, rounds: Math.max(count.rounds, round) });
      const bytes = await store.get(key, options);
      // No answer before everything that is asked in this turn has been asked.
      await new Promise<void>((resolve) => setImmediate(resolve));
      answered = Math.max(answered, round);
      return bytes;
    },
    list(prefix, options) {
      add({ others: count.others + 1 });
      return store.list(prefix, options);
    },
    async overwrite(key, bytes, options) {
      add({ others: count.others + 1 });
      await store.overwrite(key, bytes, options);
    },
    async delete(key, options) {
      add({ others: count.others + 1 });
      await store.delete(key, options);
    },
  };
}
