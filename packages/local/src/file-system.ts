import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
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

/** As much as is rewritten at once. */
const REWRITE_BYTES = 1_048_576;

/** Creates the directory where it is missing, for its owner alone: contexts are nobody else's business. */
export function prepareDirectory(directory: string): void {
  let created: string | undefined;
  try {
    created = makeDirectories(directory);
  } catch (error) {
    // Node says that the path is missing, too, where the file system refused to make it.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      accessSync(nearestExisting(dirname(directory)), constants.W_OK | constants.X_OK);
    }
    throw error;
  }
  if (created === undefined) return;
  writeFileSync(join(directory, ".gitignore"), "*\n");
  syncDirectories(directory, dirname(created));
}

/**
 * Makes what is missing of a path, and returns the first that it made. Level by level: where a file system refuses a
 * folder as missing (`/proc`), `mkdir` of Node, asked for all at once, tries for ever.
 */
function makeDirectories(directory: string): string | undefined {
  const missing: string[] = [];
  for (let path = directory; path !== nearestExisting(path); path = dirname(path)) missing.unshift(path);
  for (const path of missing) makeDirectory(path);
  // Where all is there already, it must be a directory.
  if (missing.length === 0) mkdirSync(directory, { recursive: true });
  return missing[0];
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process may have been faster.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function nearestExisting(path: string): string {
  const parent = dirname(path);
  return path === parent || statSync(path, { throwIfNoEntry: false }) !== undefined ? path : nearestExisting(parent);
}

/** Creates the file where it is missing, for its owner alone; SQLite gives the files beside it the same mode. */
export function prepareFile(file: string): void {
  // Never opened where it exists: closing it would drop the locks of every other handle of this process on it.
  if (statSync(file, { throwIfNoEntry: false }) !== undefined) return;
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    // Another process may have been faster.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Throws the operating system's error where this process cannot write in the directory, or to the file in it. */
export function assertWritable(directory: string, file: string): void {
  const { R_OK, W_OK, X_OK } = constants;
  accessSync(directory, R_OK | W_OK | X_OK);
  if (statSync(file, { throwIfNoEntry: false }) !== undefined) accessSync(file, R_OK | W_OK);
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

/** Writes a file's bytes where they stand, so that its next sync covers them whatever became of earlier ones. */
export function rewrite(file: string): void {
  const handle = openSync(file, "r+");
  try {
    const chunk = Buffer.allocUnsafe(REWRITE_BYTES);
    for (let at = 0; ; ) {
      const length = readSync(handle, chunk, 0, chunk.length, at);
      if (length === 0) return;
      at += writeSync(handle, chunk, 0, length, at);
    }
  } finally {
    closeSync(handle);
  }
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
