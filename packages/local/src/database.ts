import { realpathSync, statSync } from "node:fs";
import type { Clock, Random } from "@agenthandoff/core";
import { openConnections, transaction } from "./connections.js";
import { explained, isBusy, isDiskError, stillRead } from "./errors.js";
import { rewrite } from "./file-system.js";
import type { SqliteConnection } from "./sqlite.js";
import { closed, missing } from "./unusable.js";

export interface DatabaseOptions {
  readonly directory: string;
  readonly busyTimeoutMs: number;
  readonly allowNetworkFileSystem: boolean;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * One SQLite database, shared by several processes. All its commits form one sequence, its write-ahead log: a power
 * cut can take back the last of them, of whatever kind, and never one without those after it.
 *
 * Work is synchronous and short. A lock that another process holds is waited for, up to `busyTimeoutMs`.
 */
export interface Database {
  /** Its path, the same whatever way led to it: the name by which handles of one process find each other. */
  readonly file: string;
  /** Reads. Each statement sees every commit that came before it. Like the two below, it ends its wait for a lock when `signal` is aborted. */
  read<Result>(work: (sql: SqliteConnection) => Result, signal?: AbortSignal): Promise<Result>;
  /** One transaction. Other processes see it at once; it survives the end of every process, but not yet a power cut. */
  write<Result>(work: (sql: SqliteConnection) => Result, signal?: AbortSignal): Promise<Result>;
  /** One transaction that survives a power cut once it resolves, with everything committed before it by any process. */
  writeDurably<Result>(work: (sql: SqliteConnection) => Result, signal?: AbortSignal): Promise<Result>;
  /** Makes everything committed before it, by any process, survive a power cut. */
  flush(): Promise<void>;
  /** Rewrites the files, so that nothing of what was deleted or overwritten is left in them. */
  scrub(): Promise<void>;
  /** Differs from what it was if another connection has committed since. */
  version(): number;
  /** Ends it: every later call rejects. */
  close(): void;
}

/** How far apart the tries for a lock are, past SQLite's own short wait; the process does other things meanwhile. */
const RETRY_MS = { least: 5, most: 50 };

/** How much of the log must not be in the database yet for a commit to copy it there, in pages of 4 KiB. */
const CHECKPOINT_PAGES = 1_000;
/** How many commits come between two looks at the log's length. */
const COMMITS_A_LOOK = 8;

/** @throws BackendUnusableError that says what is wrong with the directory and what to do about it. */
export function openDatabase(options: DatabaseOptions): Database {
  const { directory, clock, random, busyTimeoutMs } = options;
  const { path, relaxed, durable } = openConnections(directory, {
    waitMs: busyTimeoutMs,
    anyFileSystem: options.allowNetworkFileSystem,
  });
  const file = realpathSync(path);
  const opened = statSync(file, { bigint: true });
  let isClosed = false;
  /** What `dataVersion(durable)` was in its last transaction: while it stays so, nobody else has committed. */
  let syncedVersion: number | undefined;
  /**
   * Whether the next sync of the log brings all of it to the disk. Not so after one that failed: the system then takes
   * what it could not write for written, so later syncs succeed without it. Linux tells of the failure once for each
   * opened file, so a handle hears of each since it was opened, and cannot know of those before.
   */
  let isLogTrusted = false;
  let commits = 0;

  /** SQLite would go on to write, for nobody, to a file that was removed. */
  function assertInPlace(): void {
    const present = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (present?.ino !== opened.ino || present.dev !== opened.dev) throw missing(directory);
  }

  async function patiently<Result>(work: () => Result, signal?: AbortSignal): Promise<Result> {
    const deadline = clock.now() + busyTimeoutMs;
    for (;;) {
      if (isClosed) throw closed(directory);
      try {
        const result = work();
        assertInPlace();
        return result;
      } catch (error) {
        noteFailure(error);
        if (!isBusy(error) || clock.now() >= deadline) throw explained(error, directory, file);
      }
      await clock.sleep(RETRY_MS.least + random.number() * (RETRY_MS.most - RETRY_MS.least), signal);
    }
  }

  function noteFailure(error: unknown): void {
    if (isDiskError(error)) isLogTrusted = false;
  }

  function commitDurably<Result>(work: (sql: SqliteConnection) => Result): Result {
    const before = durable.changes;
    const [result, version] = transaction(durable, (sql): [Result, number] => {
      // The lock keeps everybody else from writing there, and the commit syncs it.
      if (!isLogTrusted) rewrite(`${file}-wal`);
      const result = work(sql);
      // A commit syncs the log by adding to it; one that has nothing to add must find something.
      if (sql.changes === before) sql.run("UPDATE syncs SET count = count + 1");
      return [result, dataVersion(sql)];
    });
    isLogTrusted = true;
    syncedVersion = version;
    return result;
  }

  /**
   * Copies the log into the database. SQLite would do so by itself, but on the word of a sync that may have come after
   * one that failed: a power cut could then leave a database with pages of commits that the log has lost.
   */
  function checkpoint(mode: "PASSIVE" | "TRUNCATE"): LogState {
    if (!isLogTrusted) commitDurably(() => undefined);
    return logState(durable, mode);
  }

  function keepLogShort(): void {
    if (++commits % COMMITS_A_LOOK !== 0) return;
    try {
      const { log, checkpointed } = logState(durable, "NOOP");
      if (log - checkpointed >= CHECKPOINT_PAGES) checkpoint("PASSIVE");
    } catch (error) {
      // What was committed stays so, and a later commit tries again.
      noteFailure(error);
    }
  }

  /** Where it fails nothing is lost: whoever opens the database next reads the log. */
  function emptyLog(): boolean {
    try {
      if (logState(durable, "NOOP").log > 0) checkpoint("TRUNCATE");
      return true;
    } catch (error) {
      noteFailure(error);
      return false;
    }
  }

  return {
    file,
    read: (work, signal) => patiently(() => work(relaxed), signal),
    write: (work, signal) =>
      patiently(() => {
        const result = transaction(relaxed, work);
        keepLogShort();
        return result;
      }, signal),
    writeDurably: (work, signal) =>
      patiently(() => {
        const result = commitDurably(work);
        keepLogShort();
        return result;
      }, signal),
    flush: () =>
      patiently(() => {
        if (!isLogTrusted || dataVersion(durable) !== syncedVersion) commitDurably(() => undefined);
      }),
    async scrub() {
      // `secure_delete` overwrites what is deleted, but pages that SQLite rebuilt may keep old bytes in their gaps.
      await patiently(() => durable.execute("VACUUM"));
      await patiently(() => {
        if (checkpoint("TRUNCATE").busy !== 0) throw stillRead();
      });
    },
    version() {
      if (isClosed) throw closed(directory);
      return dataVersion(relaxed);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      // The binding may keep the files open until its statements are collected, so SQLite's own clearing up comes late.
      // The first try may be the one that hears of a failed sync.
      if (!emptyLog()) emptyLog();
      // In this order: the last to close empties the log again, and must be one that yet has to hear of a failed sync.
      durable.close();
      relaxed.close();
    },
  };
}

interface LogState {
  /** 1 where somebody who reads or writes kept the log from being copied whole. */
  readonly busy: number;
  /** How many pages stand in the log, and how many of them in the database too. */
  readonly log: number;
  readonly checkpointed: number;
}

/** Tells of the log, having copied it into the database if asked to (https://sqlite.org/pragma.html#pragma_wal_checkpoint). */
function logState(connection: SqliteConnection, mode: "NOOP" | "PASSIVE" | "TRUNCATE"): LogState {
  const none = { busy: 0, log: 0, checkpointed: 0 };
  return connection.get<LogState>(`PRAGMA wal_checkpoint(${mode})`) ?? none;
}

/** Changes when another connection has committed (https://sqlite.org/pragma.html#pragma_data_version). */
function dataVersion(connection: SqliteConnection): number {
  return connection.get<{ data_version: number }>("PRAGMA data_version")?.data_version ?? 0;
}
