import { type BackendErrorOptions, BackendUnusableError, HandoffError } from "@agenthandoff/core";
import { assertWritable, diskFull, isDiskFull, removed } from "./file-system.js";
import {
  SQLITE_BUSY,
  SQLITE_CANTOPEN,
  SQLITE_CORRUPT,
  SQLITE_FULL,
  SQLITE_IOERR,
  SQLITE_LOCKED,
  SQLITE_NOTADB,
  SQLITE_PERM,
  SQLITE_PROTOCOL,
  SQLITE_READONLY,
  sqliteCode,
} from "./sqlite.js";

/** Whether another process holds what was needed, so that the same may succeed in a moment. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === SQLITE_BUSY || code === SQLITE_LOCKED || code === SQLITE_PROTOCOL;
}

/** What SQLite's error means for a person, and what to do; an error that says nothing of the backend stays as it is. */
export function explained(cause: unknown, directory: string, file: string): unknown {
  if (HandoffError.isInstance(cause)) return cause;
  if (isBusy(cause)) return busy(directory, cause);
  switch (sqliteCode(cause)) {
    case SQLITE_FULL:
      return diskFull(directory, cause);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new BackendUnusableError(
        `${file} is damaged, or is no SQLite database; keep a copy of the directory, then restore a backup or recover it (sqlite3 ${file} .recover)`,
        { reason: "corrupt", cause },
      );
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      return explainedByTheFiles(cause, directory, file);
    default:
      return cause;
  }
}

/** SQLite says only that a file could not be used; the operating system knows why. */
function explainedByTheFiles(cause: unknown, directory: string, file: string): unknown {
  try {
    assertWritable(directory, file);
    if (isDiskFull(directory)) return diskFull(directory, cause);
  } catch (reason) {
    return HandoffError.isInstance(reason) ? reason : removed(directory, cause);
  }
  return new BackendUnusableError(
    `the files in ${directory} could not be read or written; look at the cause, and check the disk`,
    {
      reason: "unavailable",
      cause,
      retryable: true,
    },
  );
}

function busy(directory: string, cause: unknown): BackendUnusableError {
  return new BackendUnusableError(
    `another process kept the database in ${directory} locked for too long; find and end it (an open transaction of a SQLite shell, a backup), or raise busyTimeoutMs`,
    { reason: "busy", cause, retryable: true },
  );
}

/** What stands for SQLite's own error where a reader keeps the log from being emptied: the same may succeed in a moment. */
export function stillRead(): Error {
  return Object.assign(new Error("a reader still uses the log"), { errcode: SQLITE_BUSY });
}

export function closed(directory: string): BackendUnusableError {
  return new BackendUnusableError(`the backend of ${directory} was closed; open another with local()`, {
    reason: "closed",
  });
}

type PartError = new (operation: string, options: BackendErrorOptions) => HandoffError;

/** Runs one operation of a part (store, queue, audit log), and turns what it throws into that part's error. */
export type Guard = <Result>(operation: string, subject: string, work: () => Promise<Result>) => Promise<Result>;

export function guardedBy(Part: PartError): Guard {
  return async (operation, subject, work) => {
    try {
      return await work();
    } catch (cause) {
      const retryable = HandoffError.isInstance(cause) ? cause.retryable : true;
      throw new Part(operation, { subject, cause, retryable });
    }
  };
}
