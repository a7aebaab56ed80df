import { comment, markdown } from "./literals.js";
import { typeInWords } from "./render-types.js";
import { holdsText, type PackageSpec } from "./spec.js";

function nullInWords(column: PackageSpec["columns"][number], inText: boolean): string {
  if (!column.nullable) return column.optional ? "may be missing" : "";
  const words = inText
    ? (column.nulls ?? [""]).map((text) => (text === "" ? "empty" : markdown(text))).join(", ")
    : "null";
  return column.optional ? `${words}, may be missing` : words;
}

/** `README.md` of the package. */
export function renderReadme(spec: PackageSpec): string {
  const inText = holdsText(spec.source);
  const file = comment(spec.source.file);
  const kinds = { csv: "CSV", tsv: "TSV", json: "JSON", ndjson: "NDJSON" };
  const rows = spec.columns.map(
    (column) =>
      `| ${markdown(column.name)} | ${markdown(typeInWords(column))} | ${nullInWords(column, inText)} | ${markdown(column.about ?? "")} |`,
  );
  return `# ${spec.name}

Typed rows of \`${file.replaceAll("`", "'")}\` (${kinds[spec.source.kind]}): a zod schema, the type of a row, and a loader that streams.

\`\`\`ts
import { readRows } from "${spec.name}";

for await (const row of readRows("path/to/${file.replaceAll(/[`"\\]/g, "_")}")) console.log(row);
\`\`\`

- \`readRows(source, options?)\` yields one \`Row\` at a time. \`source\` is a path, or anything that yields chunks: a stream, \`[text]\`.
- A row that does not fit ends the reading with a \`RowError\`, which has the row's number and its problems column by column.
  With \`options.onInvalid\` such rows go there and the rest is read.
- \`FileError\` means the file as a whole: not UTF-8, a broken header, broken grammar.
- \`rowSchema\` is the zod schema of one raw row; \`Row\` is its type.

Dates are \`Date\` objects, in UTC where the text names no zone. Decimal numbers are the nearest double.

## Columns

| column | type | null when | seen |
|---|---|---|---|
${rows.join("\n")}

The first version was made from ${spec.rowsSampled} rows. What later rows showed is in it too; a file with other values is refused, never changed.
`;
}
