import { join } from "node:path";
import { BackendUnusableError } from "@agenthandoff/core";
import { explained, isBusy } from "./errors.js";
import {
  assertLocalFileSystem,
  assertNoOrphanedLog,
  assertWritable,
  prepareDirectory,
  prepareFile,
  syncDirectories,
} from "./file-system.js";
import { type Found, inspect, migrate } from "./schema.js";
import { openSqlite, type SqliteConnection } from "./sqlite.js";

/** The database's name in its directory. Its log and the log's index lie beside it, with `-wal` and `-shm` at the end. */
export const DATABASE_FILE = "agenthandoff.db";

/** How long SQLite itself waits for a lock, blocking this process: about as long as a neighbour's commit takes. */
const BLOCKING_WAIT_MS = 100;
/** How far apart are the tries to turn on the log, for which SQLite does not wait. */
const PAUSE_MS = 5;
/** What the log is cut back to where a long reader let it grow, in bytes. */
const LOG_BYTES = 16_777_216;

export interface Connections {
  readonly path: string;
  /** Adds its commits to the log without syncing it. */
  readonly relaxed: SqliteConnection;
  /** Syncs the log with each of its commits, whoever wrote what stands before it there. */
  readonly durable: SqliteConnection;
}

/**
 * Opens the database in a directory, or makes one; several processes may do so at one moment. Blocks up to `waitMs`
 * while another process holds it.
 * @throws BackendUnusableError that says what is wrong with the directory and what to do about it.
 */
export function openConnections(directory: string, options: { waitMs: number; anyFileSystem: boolean }): Connections {
  const path = join(directory, DATABASE_FILE);
  const opened: SqliteConnection[] = [];
  function connect(synchronous: "NORMAL" | "FULL"): SqliteConnection {
    const connection = openSqlite(path);
    opened.push(connection);
    configure(connection, synchronous, options.waitMs);
    return connection;
  }
  try {
    prepareDirectory(directory);
    if (!options.anyFileSystem) assertLocalFileSystem(directory);
    assertWritable(directory, path);
    assertNoOrphanedLog(path);
    prepareFile(path);
    const durable = connect("FULL");
    prepareSchema(durable, directory, options.waitMs);
    const relaxed = connect("NORMAL");
    for (const connection of opened) connection.execute(`PRAGMA busy_timeout = ${BLOCKING_WAIT_MS}`);
    return { path, relaxed, durable };
  } catch (error) {
    for (const connection of opened) connection.close();
    throw explained(error, directory, path);
  }
}

function configure(connection: SqliteConnection, synchronous: "NORMAL" | "FULL", waitMs: number): void {
  connection.execute(`
    PRAGMA busy_timeout = ${waitMs};
    PRAGMA synchronous = ${synchronous};
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = ${LOG_BYTES};
    PRAGMA secure_delete = ON;
    PRAGMA trusted_schema = OFF;
  `);
}

/** Makes sure that the file is ours and its schema current. A file that is not ours is left as it was. */
function prepareSchema(connection: SqliteConnection, directory: string, waitMs: number): void {
  const found = inspect(connection);
  assertOurs(found, directory);
  enterLogMode(connection, directory, waitMs);
  if (found !== "current") transaction(connection, migrate);
  // Also where another process made the files: it may not have come so far, or have failed.
  syncDirectories(directory);
}

function assertOurs(found: Found, directory: string): void {
  if (found === "newer") {
    throw new BackendUnusableError(
      `the database in ${directory} was made by a newer version; upgrade @agenthandoff/local here`,
      { reason: "newer-version" },
    );
  }
  if (found === "foreign") {
    throw new BackendUnusableError(
      `${join(directory, DATABASE_FILE)} belongs to another program; use another directory, or move that file away`,
      { reason: "foreign" },
    );
  }
}

/** Turns on the write-ahead log. SQLite does not wait while another process does the same, so this does. */
function enterLogMode(connection: SqliteConnection, directory: string, waitMs: number): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waitedMs = 0; ; waitedMs += PAUSE_MS) {
    try {
      const mode = connection.get<{ journal_mode: string }>("PRAGMA journal_mode = WAL")?.journal_mode;
      if (mode === "wal") return;
      throw new BackendUnusableError(
        `the file system of ${directory} cannot share memory between processes; use a directory on a local disk`,
        { reason: "network-file-system" },
      );
    } catch (error) {
      if (!isBusy(error) || waitedMs >= waitMs) throw error;
    }
    Atomics.wait(pause, 0, 0, PAUSE_MS);
  }
}

/** Runs `work` in one transaction that holds the write lock from its beginning; what it throws undoes it. */
export function transaction<Result>(
  connection: SqliteConnection,
  work: (connection: SqliteConnection) => Result,
): Result {
  connection.execute("BEGIN IMMEDIATE");
  try {
    const result = work(connection);
    connection.execute("COMMIT");
    return result;
  } catch (error) {
    try {
      connection.execute("ROLLBACK");
    } catch {
      // After some errors SQLite has already rolled back.
    }
    throw error;
  }
}
