import { type ContextStore, ContextTooLargeError, StoreError } from "@agenthandoff/core";
import type { Database } from "./database.js";
import { notOfItsType } from "./errors.js";
import { type Call, guardedDatabase } from "./guarded-database.js";
import { MAX_OBJECT_BYTES } from "./limits.js";
import { PAGE_ROWS, pages } from "./pages.js";

/** All SQL of the store. */
export const STORE_SQL = {
  put: "INSERT INTO objects (key, bytes) VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
  overwrite: "INSERT INTO objects (key, bytes) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET bytes = excluded.bytes",
  get: "SELECT bytes FROM objects WHERE key = ?",
  // substr makes NULL of an empty object; whatever else has no length in bytes is damage.
  getRange:
    "SELECT coalesce(substr(bytes, ?, ?), CASE typeof(bytes) WHEN 'blob' THEN x'' END) AS bytes FROM objects WHERE key = ?",
  listFrom: "SELECT key FROM objects WHERE key >= ? AND key < ? ORDER BY key LIMIT ?",
  listAfter: "SELECT key FROM objects WHERE key > ? AND key < ? ORDER BY key LIMIT ?",
  delete: "DELETE FROM objects WHERE key = ?",
} as const;

interface KeyRow {
  readonly key: string;
}

interface ObjectRow {
  /** Bytes, unless the file was damaged: SQLite does not look at what it reads. */
  readonly bytes: unknown;
}

function bytesOf(row: ObjectRow | undefined): Uint8Array | undefined {
  if (row === undefined || row.bytes instanceof Uint8Array) return row?.bytes as Uint8Array | undefined;
  throw notOfItsType();
}

/** Sorts after every key that begins with the prefix: keys are ASCII. */
const endOf = (prefix: string): string => `${prefix}\uffff`;

/** The objects, in one table by key. */
export function localStore(database: Database): ContextStore {
  const { read, write } = guardedDatabase(database, StoreError);

  async function put(sql: string, call: Call, bytes: Uint8Array): Promise<number> {
    const { subject: key } = call;
    const { byteLength: size } = bytes;
    if (size > MAX_OBJECT_BYTES) {
      const hint = "split it into several artifacts; this store takes none that is larger";
      throw new ContextTooLargeError({ what: `object ${key}`, limit: MAX_OBJECT_BYTES, size, hint });
    }
    return await write(call, (connection) => connection.run(sql, key, bytes));
  }

  return {
    async putIfAbsent(key, bytes, { signal } = {}) {
      const created = await put(STORE_SQL.put, { operation: "put", subject: key, signal }, bytes);
      return created === 1 ? "created" : "exists";
    },

    async get(key, { range, signal } = {}) {
      return await read({ operation: "get", subject: key, signal }, (sql) => {
        if (range === undefined) return bytesOf(sql.get(STORE_SQL.get, key));
        const length = Math.max(0, range.end - range.start);
        // SQLite counts from 1.
        return bytesOf(sql.get(STORE_SQL.getRange, range.start + 1, length, key));
      });
    },

    async *list(prefix, { after, signal } = {}) {
      const call = { operation: "list", subject: prefix, signal };
      const rows = pages<KeyRow>((last) => {
        const from = last?.key ?? (after !== undefined && after >= prefix ? after : undefined);
        return read(call, (sql) =>
          from === undefined
            ? sql.all(STORE_SQL.listFrom, prefix, endOf(prefix), PAGE_ROWS)
            : sql.all(STORE_SQL.listAfter, from, endOf(prefix), PAGE_ROWS),
        );
      }, signal);
      for await (const { key } of rows) yield key;
    },

    async overwrite(key, bytes, { signal } = {}) {
      await put(STORE_SQL.overwrite, { operation: "overwrite", subject: key, signal }, bytes);
    },

    async delete(key, { signal } = {}) {
      await write({ operation: "delete", subject: key, signal }, (sql) => sql.run(STORE_SQL.delete, key));
    },
  };
}
