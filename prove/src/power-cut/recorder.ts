import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, realpathSync, writeFileSync, writeSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";

/** What processes did to the files of a directory, one after the other. */
export type DiskRecord =
  | { readonly kind: "write"; readonly file: string; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly file: string; readonly size: number }
  | { readonly kind: "create" | "unlink"; readonly file: string }
  /** A sync that is done: it covers all that its file (or the directory, where the name is empty) saw before `begun`. */
  | { readonly kind: "sync"; readonly file: string; readonly begun: number }
  /** A sync that failed: what it was to cover, no later one does. */
  | { readonly kind: "failed-sync"; readonly file: string }
  /** A write, or the like, that failed and changed nothing. */
  | { readonly kind: "failed-write"; readonly file: string }
  /** What somebody outside was told. */
  | { readonly kind: "report"; readonly report: unknown };

/** Reports are written to this file of the directory. It is no part of the disk. */
export const REPORTS_FILE = "reports";

/** The file by which a recorded process can make syncs fail: see `failSyncs`. */
const FAULTS_VARIABLE = "RECORDER_FAULTS";
const FAULTS_BYTES = 20;
/** Where in that file the errors of writes and syncs stand, and whether there is to be trouble. */
const [SYNCS, TROUBLE] = [1, 2];

export interface Recorder {
  /** For the processes that are to be recorded. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whether some of their writes and syncs are to fail: of each many operations a few. */
  makeTrouble(doFail: boolean): void;
  read(): readonly DiskRecord[];
}

/**
 * Records what is done to the files of `directory`, which exists.
 * @param scratch where the compiled library and the record are kept
 * @throws Error that says what is missing when there is no C compiler
 */
export function createRecorder(directory: string, scratch: string): Recorder {
  const library = compile(scratch);
  const [log, faults] = [join(scratch, "record"), join(scratch, "faults")];
  writeFileSync(faults, Buffer.alloc(FAULTS_BYTES));
  return {
    environment: {
      LD_PRELOAD: library,
      RECORDER_DIRECTORY: realpathSync(directory),
      RECORDER_LOG: log,
      [FAULTS_VARIABLE]: faults,
    },
    makeTrouble: (doFail) => setFault(faults, TROUBLE, doFail ? 1 : 0),
    read: () => parseRecords(existsSync(log) ? readFileSync(log) : Buffer.alloc(0)),
  };
}

/** In a recorded process: makes all syncs fail with EIO, until told otherwise. */
export function failSyncs(doFail: boolean): void {
  setFault(process.env[FAULTS_VARIABLE] ?? "", SYNCS, doFail ? constants.errno.EIO : 0);
}

function setFault(file: string, at: number, value: number): void {
  // In place: the processes have it mapped.
  const handle = openSync(file, "r+");
  writeSync(handle, Buffer.of(value), 0, 1, at);
  closeSync(handle);
}

function compile(scratch: string): string {
  const library = join(scratch, "recorder.so");
  const source = join(import.meta.dirname, "recorder.c");
  const args = ["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", library, source, "-ldl"];
  const { error, status, stderr } = spawnSync("cc", args, { encoding: "utf8" });
  if (error !== undefined)
    throw new Error(
      "the power cut is emulated on Linux, by a library that cc compiles; install one (apt-get install gcc)",
      {
        cause: error,
      },
    );
  if (status !== 0) throw new Error(`recorder.c does not compile: ${stderr}`);
  return library;
}

const HEAD_BYTES = 18;

export function parseRecords(log: Buffer): readonly DiskRecord[] {
  const records: DiskRecord[] = [];
  /** By process and file: how many records stood before a sync that is under way. */
  const begun = new Map<string, number>();
  for (let at = 0; at < log.length; ) {
    const kind = String.fromCharCode(log.readUInt8(at));
    const nameLength = log.readUInt8(at + 1);
    const thread = log.readUInt32LE(at + 2);
    const length = log.readUInt32LE(at + 6);
    const offset = Number(log.readBigUInt64LE(at + 10));
    const name = log.toString("utf8", at + HEAD_BYTES, at + HEAD_BYTES + nameLength);
    const bytes = log.subarray(at + HEAD_BYTES + nameLength, at + HEAD_BYTES + nameLength + length);
    at += HEAD_BYTES + nameLength + length;
    const file = name.replace(/^\//, "");
    if (file === REPORTS_FILE) {
      if (kind === "w") for (const report of linesOf(bytes)) records.push({ kind: "report", report });
      continue;
    }
    switch (kind) {
      case "w":
        records.push({ kind: "write", file, offset, bytes });
        break;
      case "t":
        records.push({ kind: "truncate", file, size: offset });
        break;
      case "c":
        records.push({ kind: "create", file });
        break;
      case "u":
        records.push({ kind: "unlink", file });
        break;
      case "s":
        begun.set(`${thread} ${file}`, records.length);
        break;
      case "S":
        records.push({ kind: "sync", file, begun: begun.get(`${thread} ${file}`) ?? 0 });
        break;
      case "f":
        records.push({ kind: "failed-sync", file });
        break;
      case "e":
        records.push({ kind: "failed-write", file });
        break;
      default:
        throw new Error(`the record holds what is not understood: ${kind}`);
    }
  }
  return records;
}

function linesOf(bytes: Buffer): unknown[] {
  return bytes
    .toString("utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}
