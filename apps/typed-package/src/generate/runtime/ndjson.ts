import { FileError } from "./errors.js";
import { MAX_ROW_LENGTH, type Source, textOf } from "./source.js";

/**
 * The values of a file with one JSON text a line; blank lines are passed over.
 *
 * @throws FileError
 */
export async function* ndjsonRows(source: Source): AsyncGenerator<unknown> {
  let rest = "";
  let rowNumber = 0;
  const parse = (line: string): unknown => {
    rowNumber++;
    try {
      return JSON.parse(line);
    } catch (cause) {
      throw new FileError(`row ${rowNumber} is not JSON`, { cause });
    }
  };
  for await (const text of textOf(source)) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") yield parse(line);
    if (rest.length > MAX_ROW_LENGTH) throw new FileError(`row ${rowNumber + 1} is longer than a row may be`);
  }
  if (rest.trim() !== "") yield parse(rest);
}
