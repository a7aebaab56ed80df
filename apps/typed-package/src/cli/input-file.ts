import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { fileBytes } from "../formats/byte-source.js";
import { FileNotReadableError, FileTooLargeError } from "../formats/input-errors.js";
import { openTable } from "../formats/open-table.js";

/** A task's files are read whole once, to start it. */
const MAX_INPUT_BYTES = 512 * 1024 * 1024;

export interface InputFile {
  readonly bytes: Uint8Array;
  readonly kind: string;
  readonly rows: number;
}

/**
 * Reads every row once before a task is made of the file, so that a file that cannot be used starts nothing.
 *
 * @throws InputError
 */
export async function inspectInput(path: string): Promise<InputFile> {
  const name = basename(path);
  const found = await stat(path).catch((cause: unknown) => {
    throw new FileNotReadableError(path, cause);
  });
  if (!found.isFile()) throw new FileNotReadableError(path, new Error("it is not a file"));
  if (found.size > MAX_INPUT_BYTES) throw new FileTooLargeError(name, { bytes: found.size, maxBytes: MAX_INPUT_BYTES });
  const table = await openTable(fileBytes(path));
  let rows = 0;
  for await (const row of table.rows) rows = row.number;
  return { bytes: await readFile(path), kind: table.format.kind, rows };
}
