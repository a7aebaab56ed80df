import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { BackendUnusableError } from "@agenthandoff/core";

/**
 * File systems that other machines may share, by the type that Linux's statfs(2) reports. SQLite's locks and its
 * shared memory hold among the processes of one machine only, and FUSE may hide anything.
 */
const SHARED_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x5346414f, "AFS"],
  [0x6b414653, "AFS"],
  [0x73757245, "Coda"],
  [0x00c36400, "Ceph"],
  [0x01021997, "9p"],
  [0x01161970, "GFS2"],
  [0x7461636f, "OCFS2"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
  [0x19830326, "BeeGFS"],
  [0x786f4256, "VirtualBox shared folder"],
  [0x65735546, "FUSE"],
]);

/** Creates the directory where it is missing, for its owner alone: contexts are nobody else's business. */
export function prepareDirectory(directory: string): void {
  try {
    const created = mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (created === undefined) return;
    writeFileSync(join(directory, ".gitignore"), "*\n");
    syncDirectories(directory, dirname(created));
  } catch (error) {
    throw unusableDirectory(directory, error);
  }
}

/** Throws where this process cannot write in the directory, or to the file if it is there. */
export function assertWritable(directory: string, file: string): void {
  const { R_OK, W_OK, X_OK } = constants;
  try {
    accessSync(directory, R_OK | W_OK | X_OK);
    if (statSync(file, { throwIfNoEntry: false }) !== undefined) accessSync(file, R_OK | W_OK);
  } catch (error) {
    throw unusableDirectory(directory, error);
  }
}

/** Throws where the directory lies on a file system that other machines may share. */
export function assertLocalFileSystem(directory: string, typeOf: (path: string) => number = fileSystemType): void {
  const name = directory.startsWith("\\\\") ? "network share" : SHARED_FILE_SYSTEMS.get(typeOf(directory));
  if (name === undefined) return;
  throw new BackendUnusableError(
    `${directory} lies on a file system (${name}) that other machines may share, where SQLite's locks do not hold; ` +
      "use a directory on a local disk, or pass allowNetworkFileSystem: true if only this machine ever writes to it and its locks work",
    { reason: "network-file-system" },
  );
}

/** Elsewhere than on Linux the numbers mean nothing, so there the type is unknown: 0. */
function fileSystemType(path: string): number {
  return process.platform === "linux" ? statfsSync(path).type : 0;
}

/**
 * Throws where the write-ahead log stands alone: SQLite would take the missing (or emptied) database for a new one,
 * and delete the log with what it holds.
 */
export function assertNoOrphanedLog(file: string): void {
  // In this order: a database that is being created has its file before its log.
  const log = statSync(`${file}-wal`, { throwIfNoEntry: false });
  if (log === undefined || log.size === 0) return;
  const database = statSync(file, { throwIfNoEntry: false });
  if (database !== undefined && database.size > 0) return;
  throw new BackendUnusableError(
    `${file} is ${database === undefined ? "missing" : "empty"}, but ${file}-wal, which belongs to it, is there; ` +
      "restore both files from one copy, or move the log away to begin anew",
    { reason: "corrupt" },
  );
}

/** Whether less is free than a commit may need. */
export function isDiskFull(directory: string): boolean {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize < 1_048_576;
}

/** Makes the entries of `directory`, and of its parents up to `last`, survive a power cut. */
export function syncDirectories(directory: string, last: string = directory): void {
  // Windows cannot open a directory, and needs no such sync.
  if (process.platform === "win32") return;
  for (let path = directory; ; path = dirname(path)) {
    const handle = openSync(path, "r");
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    if (path === last || path === dirname(path)) return;
  }
}

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
      return removed(directory, cause);
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

export function removed(directory: string, cause?: unknown): BackendUnusableError {
  return new BackendUnusableError(
    `the database in ${directory} was removed or replaced while it was in use; put it back if it was moved, and start this process anew`,
    { reason: "removed", cause },
  );
}
