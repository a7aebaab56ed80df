import { MalformedFileError } from "./input-errors.js";

/**
 * The names of columns as a row's properties: the header's own words, made unique. An empty name becomes `column_3`,
 * the second `id` becomes `id_2`.
 *
 * @throws MalformedFileError for `__proto__`, which JavaScript cannot keep as a plain property.
 */
export function columnNames(file: string, header: readonly string[]): string[] {
  const taken = new Set<string>();
  return header.map((cell, index) => {
    const wanted = cell.trim() === "" ? `column_${index + 1}` : cell.trim();
    refuseReservedName(file, wanted);
    let name = wanted;
    for (let copy = 2; taken.has(name); copy++) name = `${wanted}_${copy}`;
    taken.add(name);
    return name;
  });
}

export function refuseReservedName(file: string, name: string): void {
  if (name !== "__proto__") return;
  throw new MalformedFileError(
    file,
    "a column is named __proto__",
    "rename it: JavaScript gives that name a meaning of its own",
  );
}

/** Whether a first line is made of values rather than names: most of its cells are numbers or dates. */
export function looksLikeData(header: readonly string[]): boolean {
  const filled = header.map((cell) => cell.trim()).filter((cell) => cell !== "");
  // Years are names in many a table of time series, so four digits alone prove nothing.
  const values = filled.filter(
    (cell) =>
      /^[-+]?[\d.,]*\d([eE][-+]?\d+)?$|^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}/.test(cell) && !/^[12]\d{3}$/.test(cell),
  );
  return values.length > 0 && values.length * 2 >= filled.length;
}
