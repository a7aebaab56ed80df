/** The file as a whole cannot be read: its encoding, its header or its grammar is wrong. */
export class FileError extends Error {
  override readonly name: string = "FileError";
}

export interface Problem {
  /** The column, with the path to the value where it is nested. */
  readonly column: string;
  readonly message: string;
}

/** One row does not fit the schema. */
export class RowError extends Error {
  override readonly name: string = "RowError";
  /** Counted from 1; the header of a CSV file is not a row. */
  readonly rowNumber: number;
  readonly problems: readonly Problem[];

  constructor(rowNumber: number, problems: readonly Problem[]) {
    super(`row ${rowNumber}: ${problems.map(({ column, message }) => `${column}: ${message}`).join("; ")}`);
    this.rowNumber = rowNumber;
    this.problems = problems;
  }
}
