import { BackendUnusableError } from "@agenthandoff/core";

/** What an error of the operating system means for someone who wants to keep data in this directory. */
export function unusableDirectory(directory: string, cause: unknown): BackendUnusableError {
  const code = (cause as NodeJS.ErrnoException).code;
  switch (code) {
    case "EACCES":
    case "EPERM":
      return new BackendUnusableError(
        `this process may not read and write ${directory} and what is in it; give its user that permission, or use another directory`,
        { reason: "permission", cause },
      );
    case "EROFS":
      return new BackendUnusableError(
        `${directory} lies on a read-only file system; mount it for writing, or use another directory`,
        {
          reason: "read-only",
          cause,
        },
      );
    case "ENOSPC":
    case "EDQUOT":
      return diskFull(directory, cause);
    case "EEXIST":
    case "ENOTDIR":
      return new BackendUnusableError(
        `${directory} is not a directory, or a part of its path is none; remove what is there, or use another path`,
        {
          reason: "not-a-directory",
          cause,
        },
      );
    case "ENOENT":
      return missing(directory, cause);
    default:
      return new BackendUnusableError(`${directory} cannot be used (${code ?? "unknown error"}); look at the cause`, {
        reason: "unavailable",
        cause,
        retryable: true,
      });
  }
}

export function diskFull(directory: string, cause?: unknown): BackendUnusableError {
  return new BackendUnusableError(
    `the disk that holds ${directory} is full; free some space, then work goes on by itself`,
    {
      reason: "disk-full",
      cause,
      retryable: true,
    },
  );
}

export function missing(directory: string, cause?: unknown): BackendUnusableError {
  return new BackendUnusableError(
    `the database in ${directory} was removed or replaced while it was in use; put it back if it was moved, and start this process anew`,
    { reason: "removed", cause },
  );
}

export function corrupt(file: string, cause: unknown): BackendUnusableError {
  return new BackendUnusableError(
    `${file} is damaged, or is no SQLite database; keep a copy of its directory, then restore a backup, or recover what can be (sqlite3 ${file} .recover)`,
    { reason: "corrupt", cause },
  );
}

export function busy(directory: string, cause: unknown): BackendUnusableError {
  return new BackendUnusableError(
    `another process kept the database in ${directory} locked for too long; find and end it (an open transaction of a SQLite shell, a backup), or raise busyTimeoutMs`,
    { reason: "busy", cause, retryable: true },
  );
}

export function unavailable(directory: string, cause: unknown): BackendUnusableError {
  return new BackendUnusableError(
    `the files in ${directory} could not be read or written; look at the cause, and check the disk`,
    { reason: "unavailable", cause, retryable: true },
  );
}

export function closed(directory: string): BackendUnusableError {
  return new BackendUnusableError(`the backend of ${directory} was closed; open another with local()`, {
    reason: "closed",
  });
}
