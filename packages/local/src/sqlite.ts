// The only module that knows the SQLite binding. It has the interface of Node's own `node:sqlite`, which takes its
// place here, in this line, once Node 20 is given up (and Node's copy of SQLite is 3.51.3 or newer: older ones can
// corrupt a database that several processes checkpoint at once, https://sqlite.org/wal.html#walresetbug).
import { DatabaseSync } from "@photostructure/sqlite";

type Statement = ReturnType<InstanceType<typeof DatabaseSync>["prepare"]>;

export type SqlValue = string | number | Uint8Array | null;

/** One connection. Every call blocks until SQLite has answered, and throws SQLite's error. */
export interface SqliteConnection {
  /** Runs statements that take no values. */
  execute(sql: string): void;
  /** Runs one statement and returns how many rows it changed. */
  run(sql: string, ...values: readonly SqlValue[]): number;
  /** The first row. The caller vouches for its type: every table is `STRICT`, and all SQL stands in this package. */
  get<Row>(sql: string, ...values: readonly SqlValue[]): Row | undefined;
  /** Every row. Nothing stays open afterwards, so that no reader holds back a checkpoint. */
  all<Row>(sql: string, ...values: readonly SqlValue[]): readonly Row[];
  /** How many rows all `run`s changed so far. */
  readonly changes: number;
  close(): void;
}

/** Opens a database file, creating it where there is none. */
export function openSqlite(file: string): SqliteConnection {
  const connection = new DatabaseSync(file);
  const statements = new Map<string, Statement>();
  let changes = 0;

  function prepared(sql: string): Statement {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = connection.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  }

  return {
    get changes() {
      return changes;
    },
    execute(sql) {
      connection.exec(sql);
    },
    run(sql, ...values) {
      const changed = Number(prepared(sql).run(...values).changes);
      changes += changed;
      return changed;
    },
    get<Row>(sql: string, ...values: readonly SqlValue[]) {
      return prepared(sql).get(...values) as Row | undefined;
    },
    all<Row>(sql: string, ...values: readonly SqlValue[]) {
      return prepared(sql).all(...values) as readonly Row[];
    },
    close() {
      statements.clear();
      connection.close();
    },
  };
}

export const SQLITE_ERROR = 1;
export const SQLITE_PERM = 3;
export const SQLITE_BUSY = 5;
export const SQLITE_LOCKED = 6;
export const SQLITE_READONLY = 8;
export const SQLITE_IOERR = 10;
export const SQLITE_CORRUPT = 11;
export const SQLITE_FULL = 13;
export const SQLITE_CANTOPEN = 14;
export const SQLITE_PROTOCOL = 15;
export const SQLITE_CONSTRAINT = 19;
export const SQLITE_MISMATCH = 20;
export const SQLITE_NOTADB = 26;

/** SQLite's texts by code: the binding's `all` throws them without it. */
const CODES: ReadonlyMap<string, number> = new Map([
  ["database is locked", SQLITE_BUSY],
  ["database table is locked", SQLITE_LOCKED],
  ["locking protocol", SQLITE_PROTOCOL],
  ["attempt to write a readonly database", SQLITE_READONLY],
  ["disk I/O error", SQLITE_IOERR],
  ["database disk image is malformed", SQLITE_CORRUPT],
  ["database or disk is full", SQLITE_FULL],
  ["unable to open database file", SQLITE_CANTOPEN],
  ["file is not a database", SQLITE_NOTADB],
]);

/** SQLite's result code of an error (https://sqlite.org/rescode.html), extended codes reduced to their primary one. */
export function sqliteCode(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code, errcode, message } = error as { code?: unknown; errcode?: unknown; message?: unknown };
  if (typeof errcode === "number") return errcode & 0xff;
  return code === "ERR_SQLITE_ERROR" && typeof message === "string" ? CODES.get(message) : undefined;
}
