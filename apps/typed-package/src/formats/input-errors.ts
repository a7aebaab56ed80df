import { NonRetryableError } from "@agenthandoff/core";

/** A short word for programs, one for each way a file can be unusable. */
export type InputProblem =
  | "unknown_type"
  | "empty"
  | "not_utf8"
  | "ragged"
  | "malformed"
  | "no_header"
  | "not_rows"
  | "inexact_number"
  | "row_too_large"
  | "too_large"
  | "not_readable";

/**
 * The input file cannot be used as it is. The message names the file and the place and says what to do.
 * It is not retryable: the same bytes fail again, so a task that meets one fails at once, with its context kept.
 */
export class InputError extends NonRetryableError {
  readonly problem: InputProblem;

  constructor(problem: InputProblem, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.problem = problem;
  }
}

/** Neither CSV, TSV, JSON nor NDJSON. */
export class UnknownFileTypeError extends InputError {
  constructor(file: string, found: string, advice: string) {
    super("unknown_type", `${file} is ${found}, not CSV, TSV, JSON or NDJSON; ${advice}`);
  }
}

/** No bytes, or no rows in them. */
export class EmptyFileError extends InputError {
  constructor(file: string, found: string) {
    super("empty", `${file} ${found}; give a file with at least one row of data`);
  }
}

/** A byte sequence that is not UTF-8. */
export class NotUtf8Error extends InputError {
  /** Of the first byte that cannot be UTF-8, counted from 0. */
  readonly byteOffset: number;

  constructor(file: string, options: { byteOffset: number; byte: number | undefined; encoding: string }) {
    const byte =
      options.byte === undefined
        ? "the last character is cut off"
        : `byte 0x${options.byte.toString(16).padStart(2, "0")}`;
    super(
      "not_utf8",
      `${file} is not UTF-8: ${byte} at byte offset ${options.byteOffset}; ` +
        `convert it, for example: iconv -f ${options.encoding} -t UTF-8 FILE > FILE.utf8`,
    );
    this.byteOffset = options.byteOffset;
  }
}

/** A row of another length than the header. */
export class RaggedRowError extends InputError {
  /** Counted from 1, the header not included. */
  readonly rowNumber: number;

  constructor(file: string, options: { rowNumber: number; line: number; cells: number; columns: number }) {
    const { rowNumber, line, cells, columns } = options;
    super(
      "ragged",
      `${file}: row ${rowNumber} (line ${line}) has ${cells} ${cells === 1 ? "cell" : "cells"}, the header has ${columns}; ` +
        "fill in or remove cells, and put quotes around cells that hold the delimiter",
    );
    this.rowNumber = rowNumber;
  }
}

/** The file breaks its own format's grammar. */
export class MalformedFileError extends InputError {
  constructor(file: string, what: string, advice: string, options: { cause?: unknown } = {}) {
    super("malformed", `${file}: ${what}; ${advice}`, options);
  }
}

/** The first line of a CSV or TSV file is data. */
export class NoHeaderError extends InputError {
  constructor(file: string, cells: readonly string[]) {
    const shown = cells.slice(0, 4).join(", ");
    super("no_header", `${file}: the first line (${shown}) looks like data; add a first line that names the columns`);
  }
}

/** A JSON file whose values are not rows. */
export class NotRowsError extends InputError {
  constructor(file: string, what: string, advice: string) {
    super("not_rows", `${file}: ${what}; ${advice}`);
  }
}

/** A JSON integer that a JavaScript number would silently change. */
export class InexactNumberError extends InputError {
  constructor(file: string, number: string) {
    super(
      "inexact_number",
      `${file} holds the number ${number.slice(0, 60)}, which no JavaScript number can hold exactly; ` +
        "put such numbers in quotes so that every digit is kept",
    );
  }
}

/** One row is larger than a row may be; in CSV most often a quote that is never closed. */
export class RowTooLargeError extends InputError {
  constructor(file: string, options: { rowNumber: number; maxBytes: number }) {
    super(
      "row_too_large",
      `${file}: row ${options.rowNumber} is larger than ${options.maxBytes} bytes; ` +
        "look for a quote or bracket that is never closed, or split the row",
    );
  }
}

/** The file is larger than a task can carry. */
export class FileTooLargeError extends InputError {
  constructor(file: string, options: { bytes: number; maxBytes: number }) {
    super(
      "too_large",
      `${file} has ${options.bytes} bytes, and a task takes at most ${options.maxBytes}; ` +
        "give a part of it: the schema of a part fits the whole where the rows are alike",
    );
  }
}

/** There is no such file, or it cannot be opened. */
export class FileNotReadableError extends InputError {
  constructor(path: string, cause: unknown) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why =
      code === "ENOENT"
        ? "there is no such file"
        : code === "EACCES"
          ? "there is no permission to read it"
          : String((cause as Error).message);
    super("not_readable", `${path} cannot be read: ${why}; paths are relative to the folder you stand in`, { cause });
  }
}
