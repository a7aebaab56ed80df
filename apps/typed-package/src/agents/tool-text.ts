/**
 * A tool's result as one line of JSON. One line, since the record shows an entry line by line; the two separators that
 * JSON leaves as they are would end a line too.
 */
export const toolText = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u2028\u2029]/g, (character) => (character === "\u2028" ? "\\u2028" : "\\u2029"));
