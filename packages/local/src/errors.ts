import { HandoffError } from "@agenthandoff/core";
import { assertWritable, isDiskFull } from "./file-system.js";
import {
  SQLITE_BUSY,
  SQLITE_CANTOPEN,
  SQLITE_CONSTRAINT,
  SQLITE_CORRUPT,
  SQLITE_ERROR,
  SQLITE_FULL,
  SQLITE_IOERR,
  SQLITE_LOCKED,
  SQLITE_MISMATCH,
  SQLITE_NOTADB,
  SQLITE_PERM,
  SQLITE_PROTOCOL,
  SQLITE_READONLY,
  sqliteCode,
} from "./sqlite.js";
import { busy, corrupt, diskFull, unavailable, unusableDirectory } from "./unusable.js";

/** Whether another process holds what was needed, so that the same may succeed in a moment. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === SQLITE_BUSY || code === SQLITE_LOCKED || code === SQLITE_PROTOCOL;
}

/** Whether a read, a write or a sync failed. */
export function isDiskError(error: unknown): boolean {
  return sqliteCode(error) === SQLITE_IOERR;
}

/** What an error means for a person, and what to do; one that says nothing of the backend stays as it is. */
export function explained(cause: unknown, directory: string, file: string): unknown {
  if (HandoffError.isInstance(cause)) return cause;
  if (isBusy(cause)) return busy(directory, cause);
  if (isOfTheSystem(cause)) return unusableDirectory(directory, cause);
  switch (sqliteCode(cause)) {
    case SQLITE_FULL:
      return diskFull(directory, cause);
    // All statements are this package's own, and none breaks a rule of its tables: where SQLite cannot make sense of one,
    // or finds a rule broken, the schema or what is in it is another.
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return corrupt(file, cause);
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
    return isDiskFull(directory) ? diskFull(directory, cause) : unavailable(directory, cause);
  } catch (error) {
    return unusableDirectory(directory, error);
  }
}

function isOfTheSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

/** What stands for SQLite's own error where a reader keeps the log from being emptied: the same may succeed in a moment. */
export function stillRead(): Error {
  return Object.assign(new Error("a reader still uses the log"), { errcode: SQLITE_BUSY });
}

/** What stands for SQLite's own error where a value is not of its column's type: only damage puts one there. */
export function notOfItsType(): Error {
  return Object.assign(new Error("a value is not of its column's type"), { errcode: SQLITE_CORRUPT });
}
