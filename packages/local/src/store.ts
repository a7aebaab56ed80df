import { type ContextStore, ContextTooLargeError, StoreError } from "@agenthandoff/core";
import type { Database } from "./database.js";
import { guardedBy } from "./errors.js";
import { MAX_OBJECT_BYTES } from "./limits.js";
import { PAGE_ROWS, pages } from "./pages.js";

export const STORE_SQL = {
  put: "INSERT INTO objects (key, bytes) VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
  overwrite: "INSERT INTO objects (key, bytes) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET bytes = excluded.bytes",
  get: "SELECT bytes FROM objects WHERE key = ?",
  // substr makes NULL of an empty object.
  getRange: "SELECT coalesce(substr(bytes, ?, ?), x'') AS bytes FROM objects WHERE key = ?",
  listFrom: "SELECT key FROM objects WHERE key >= ? AND key < ? ORDER BY key LIMIT ?",
  listAfter: "SELECT key FROM objects WHERE key > ? AND key < ? ORDER BY key LIMIT ?",
  delete: "DELETE FROM objects WHERE key = ?",
} as const;

interface ObjectRow {
  readonly bytes: Uint8Array;
}

/** Sorts after every key that begins with the prefix: keys are ASCII. */
const endOf = (prefix: string): string => `${prefix}\uffff`;

const guarded = guardedBy(StoreError);

/** The objects, in one table by key. */
export function localStore(database: Database): ContextStore {
  async function write(operation: string, sql: string, key: string, bytes: Uint8Array): Promise<number> {
    if (bytes.byteLength > MAX_OBJECT_BYTES) {
      throw new ContextTooLargeError({
        what: `object ${key}`,
        limit: MAX_OBJECT_BYTES,
        size: bytes.byteLength,
        hint: "split it into several artifacts; this store takes none that is larger",
      });
    }
    return await guarded(operation, key, () => database.write((connection) => connection.run(sql, key, bytes)));
  }

  return {
    async putIfAbsent(key, bytes, { signal } = {}) {
      signal?.throwIfAborted();
      return (await write("put", STORE_SQL.put, key, bytes)) === 1 ? "created" : "exists";
    },

    async get(key, { range, signal } = {}) {
      signal?.throwIfAborted();
      const row = await guarded("get", key, () =>
        database.read((sql) => {
          if (range === undefined) return sql.get<ObjectRow>(STORE_SQL.get, key);
          // SQLite counts from 1.
          const length = Math.max(0, range.end - range.start);
          return sql.get<ObjectRow>(STORE_SQL.getRange, range.start + 1, length, key);
        }),
      );
      return row?.bytes;
    },

    async *list(prefix, { after, signal } = {}) {
      const end = endOf(prefix);
      const rows = pages<{ key: string }>(
        (last) =>
          guarded("list", prefix, () =>
            database.read((sql) => {
              const from = last?.key ?? (after !== undefined && after >= prefix ? after : undefined);
              if (from === undefined) return sql.all(STORE_SQL.listFrom, prefix, end, PAGE_ROWS);
              return sql.all(STORE_SQL.listAfter, from, end, PAGE_ROWS);
            }),
          ),
        signal,
      );
      for await (const { key } of rows) yield key;
    },

    async overwrite(key, bytes, { signal } = {}) {
      signal?.throwIfAborted();
      await write("overwrite", STORE_SQL.overwrite, key, bytes);
    },

    async delete(key, { signal } = {}) {
      signal?.throwIfAborted();
      await guarded("delete", key, () => database.write((sql) => sql.run(STORE_SQL.delete, key)));
    },
  };
}
