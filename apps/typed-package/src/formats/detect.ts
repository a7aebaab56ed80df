import { isUtf8 } from "node:buffer";
import { EmptyFileError, UnknownFileTypeError } from "./input-errors.js";

/** How a file is to be read. */
export type FileFormat =
  | { readonly kind: "csv" | "tsv"; readonly delimiter: Delimiter }
  | { readonly kind: "json" }
  | { readonly kind: "ndjson" };

export type Delimiter = "," | ";" | "\t" | "|";

/** Bytes that `detectFormat` wants to see; a row longer than this is judged by its beginning. */
export const HEAD_BYTES: number = 64 * 1024;

const DELIMITERS: readonly Delimiter[] = [",", ";", "\t", "|"];

const BY_EXTENSION: Readonly<Record<string, FileFormat["kind"]>> = {
  csv: "csv",
  tsv: "tsv",
  tab: "tsv",
  json: "json",
  geojson: "json",
  ndjson: "ndjson",
  jsonl: "ndjson",
  ldjson: "ndjson",
};

/** What people most often give instead, told apart by its first bytes. */
const SIGNATURES: readonly { bytes: readonly number[]; found: string; advice: string }[] = [
  { bytes: [0x1f, 0x8b], found: "gzip", advice: "unpack it first: gunzip FILE" },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], found: "zstd", advice: "unpack it first: unzstd FILE" },
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    found: "a zip archive or a spreadsheet",
    advice: "unpack it, or save the sheet as CSV (UTF-8)",
  },
  { bytes: [0xd0, 0xcf, 0x11, 0xe0], found: "an old Office document", advice: "save the sheet as CSV (UTF-8)" },
  { bytes: [0x50, 0x41, 0x52, 0x31], found: "Parquet", advice: "export it as CSV or NDJSON" },
  { bytes: [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31], found: "Arrow", advice: "export it as CSV or NDJSON" },
  { bytes: [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65], found: "an SQLite database", advice: "export the table as CSV" },
  { bytes: [0x25, 0x50, 0x44, 0x46], found: "a PDF", advice: "give the data itself" },
];

/** How many cells each delimiter cuts a line into, quotes respected. */
function cellsPerLine(text: string, delimiter: Delimiter): number[] {
  const counts: number[] = [];
  let cells = 1;
  let quoted = false;
  let blank = true;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === "\n" || character === "\r")) {
      if (!blank) counts.push(cells);
      cells = 1;
      blank = true;
      continue;
    } else if (!quoted && character === delimiter) cells++;
    blank = false;
  }
  return counts;
}

/** The delimiter that cuts the most lines into as many cells as the first line. */
function detectDelimiter(text: string): Delimiter | undefined {
  let best: { delimiter: Delimiter; agreeing: number; cells: number } | undefined;
  // A last line without its end is cut off where the head ends: leave it out unless it is alone.
  const complete = text.slice(0, Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r")) + 1) || text;
  for (const delimiter of DELIMITERS) {
    const counts = cellsPerLine(`${complete}\n`, delimiter);
    const cells = counts[0] ?? 1;
    if (cells < 2) continue;
    const agreeing = counts.filter((count) => count === cells).length / counts.length;
    if (!best || agreeing > best.agreeing || (agreeing === best.agreeing && cells > best.cells))
      best = { delimiter, agreeing, cells };
  }
  return best?.delimiter;
}

function looksLikeNdjson(text: string): boolean {
  const lines = text.split("\n", 3).map((line) => line.trim());
  const [first, second] = lines;
  const isObject = (line: string | undefined) => line?.startsWith("{") === true && line.endsWith("}");
  // One object on the first line and another one on the second: no JSON text looks so.
  return isObject(first) && (lines.length < 3 ? isObject(second) : second?.startsWith("{") === true);
}

/**
 * What a file is, by its name and its first {@link HEAD_BYTES} bytes. The content outranks the name where they
 * cannot both be right: a `.json` that holds one object a line is NDJSON, a `.csv` may be cut by `;`.
 *
 * @throws EmptyFileError, UnknownFileTypeError
 */
export function detectFormat(name: string, head: Uint8Array): FileFormat {
  if (head.length === 0) throw new EmptyFileError(name, "is empty");
  const signature = SIGNATURES.find(({ bytes }) => bytes.every((byte, index) => head[index] === byte));
  if (signature) throw new UnknownFileTypeError(name, signature.found, signature.advice);
  const utf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (head.includes(0) && !utf16) throw new UnknownFileTypeError(name, "binary", "export the data as CSV or NDJSON");

  const text = Buffer.from(head)
    .toString("utf8")
    .replace(/^\ufeff/, "");
  if (text.trim() === "") throw new EmptyFileError(name, "holds nothing but white space");
  const kind = BY_EXTENSION[name.slice(name.lastIndexOf(".") + 1).toLowerCase()];
  const first = text.trimStart()[0];

  if (kind === "json" || kind === "ndjson" || (kind === undefined && (first === "{" || first === "["))) {
    if (looksLikeNdjson(text)) return { kind: "ndjson" };
    return { kind: kind === "ndjson" && first !== "[" ? "ndjson" : "json" };
  }
  if (kind === "tsv") return { kind, delimiter: "\t" };
  const delimiter = detectDelimiter(text);
  if (kind === "csv") return { kind, delimiter: delimiter ?? "," };
  if (delimiter === undefined || first === "<") {
    const found =
      first === "<" ? "HTML or XML" : utf16 || !isUtf8(head) ? "of an unknown type" : "text without columns";
    throw new UnknownFileTypeError(
      name,
      found,
      "name the file .csv, .tsv, .json or .ndjson if it is one, or export it as one",
    );
  }
  return { kind: delimiter === "\t" ? "tsv" : "csv", delimiter };
}
