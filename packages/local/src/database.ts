import { realpathSync, statSync } from "node:fs";
import type { Clock, Random } from "@agenthandoff/core";
import { openConnections, transaction } from "./connections.js";
import { explained, isBusy, stillRead } from "./errors.js";
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
        if (!isBusy(error) || clock.now() >= deadline) throw explained(error, directory, file);
      }
      await clock.sleep(RETRY_MS.least + random.number() * (RETRY_MS.most - RETRY_MS.least), signal);
    }
  }

  function commitDurably<Result>(work: (sql: SqliteConnection) => Result): Result {
    const before = durable.changes;
    const [result, version] = transaction(durable, (sql): [Result, number] => {
      const result = work(sql);
      // A commit syncs the log by adding to it; one that has nothing to add must find something.
      if (sql.changes === before) sql.run("UPDATE syncs SET count = count + 1");
      return [result, dataVersion(sql)];
    });
    syncedVersion = version;
    return result;
  }

  return {
    file,
    read: (work, signal) => patiently(() => work(relaxed), signal),
    write: (work, signal) => patiently(() => transaction(relaxed, work), signal),
    writeDurably: (work, signal) => patiently(() => commitDurably(work), signal),
    flush: () =>
      patiently(() => {
        if (dataVersion(durable) !== syncedVersion) commitDurably(() => undefined);
      }),
    async scrub() {
      // `secure_delete` overwrites what is deleted, but pages that SQLite rebuilt may keep old bytes in their gaps.
      await patiently(() => durable.execute("VACUUM"));
      await patiently(() => {
        const checkpoint = durable.get<{ busy: number }>("PRAGMA wal_checkpoint(TRUNCATE)");
        if (checkpoint?.busy !== 0) throw stillRead();
      });
    },
    version() {
      if (isClosed) throw closed(directory);
      return dataVersion(relaxed);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      try {
        // The binding may keep the files open until its statements are collected, so SQLite's own clearing up comes late.
        relaxed.execute("PRAGMA wal_checkpoint(TRUNCATE)");
      } catch {
        // Nothing is lost: whoever opens the database next reads the log.
      }
      relaxed.close();
      durable.close();
    },
  };
}

/** Changes when another connection has committed (https://sqlite.org/pragma.html#pragma_data_version). */
function dataVersion(connection: SqliteConnection): number {
  return connection.get<{ data_version: number }>("PRAGMA data_version")?.data_version ?? 0;
}
