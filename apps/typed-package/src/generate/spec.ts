import { z } from "zod";
import { type NumberStyle, numberStyle } from "../profile/number-styles.js";
import { TEXT_FORMAT_NAMES, type TextFormat } from "../profile/text-formats.js";

/** What a value may be. */
export type ValueSpec =
  | { readonly kind: "text"; readonly format?: TextFormat | undefined }
  | { readonly kind: "enum"; readonly values: readonly string[] }
  | { readonly kind: "integer" | "number"; readonly min?: number | undefined; readonly style?: NumberStyle | undefined }
  | { readonly kind: "bigint" }
  | {
      readonly kind: "boolean";
      readonly yes?: readonly string[] | undefined;
      readonly no?: readonly string[] | undefined;
    }
  | { readonly kind: "date"; readonly pattern: string }
  | { readonly kind: "nothing" }
  | { readonly kind: "list"; readonly items: CellSpec }
  | { readonly kind: "record"; readonly fields: readonly ColumnSpec[] }
  | { readonly kind: "either"; readonly of: readonly ValueSpec[] }
  | { readonly kind: "anything" };

export interface CellSpec {
  readonly value: ValueSpec;
  readonly nullable: boolean;
  /** Texts that mean null (CSV and TSV only); the empty text is among them where a cell may be empty. */
  readonly nulls?: readonly string[] | undefined;
}

export interface ColumnSpec extends CellSpec {
  readonly name: string;
  /** The member may be missing altogether (JSON only). */
  readonly optional?: boolean | undefined;
  /** One line for the reader of the type, such as the range that was seen. */
  readonly about?: string | undefined;
}

/** How the file is read. */
export interface SourceSpec {
  /** The base name, for documentation alone. */
  readonly file: string;
  readonly kind: "csv" | "tsv" | "json" | "ndjson";
  readonly delimiter?: string | undefined;
  /** The member of the outermost JSON object that holds the rows. */
  readonly member?: string | undefined;
}

/** All that a package is made from. The file itself is not among it. */
export interface PackageSpec {
  /** The npm name. */
  readonly name: string;
  readonly source: SourceSpec;
  /** From how many rows this was learned. */
  readonly rowsSampled: number;
  readonly columns: readonly ColumnSpec[];
}

const line = z.string().max(300);

export const valueSpec: z.ZodType<ValueSpec> = z.lazy(() =>
  z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("text"),
      format: z.enum(TEXT_FORMAT_NAMES).optional().describe("a rule that every text follows; leave out for plain text"),
    }),
    z.object({ kind: z.literal("enum"), values: z.array(z.string()).min(1).describe("every text that is allowed") }),
    z.object({
      kind: z.enum(["integer", "number"]),
      min: z.number().optional().describe("the least value allowed; give 0 where negative numbers make no sense"),
      style: numberStyle
        .optional()
        .describe("how numbers are written in CSV or TSV; leave out for plain ones such as 1234.5"),
    }),
    z.object({
      kind: z.literal("bigint").describe("integers with more digits than a number can hold; CSV and TSV only"),
    }),
    z.object({
      kind: z.literal("boolean"),
      yes: z.array(z.string()).optional().describe("texts that mean true; CSV and TSV only"),
      no: z.array(z.string()).optional().describe("texts that mean false; CSV and TSV only"),
    }),
    z.object({
      kind: z.literal("date"),
      pattern: z.string().min(1).max(40).describe('one of the patterns that were found, such as "YYYY-MM-DD"'),
    }),
    z.object({ kind: z.literal("nothing").describe("the column never has a value") }),
    z.object({ kind: z.literal("list"), items: cellSpec }),
    z.object({ kind: z.literal("record"), fields: z.array(columnSpec) }),
    z.object({
      kind: z.literal("either"),
      of: z.array(valueSpec).min(2).describe("values of several kinds; JSON only"),
    }),
    z.object({ kind: z.literal("anything").describe("the last resort for JSON: any value is accepted") }),
  ]),
);

const cellShape = {
  value: valueSpec,
  nullable: z.boolean(),
  nulls: z.array(z.string()).optional().describe('CSV and TSV only: texts that mean null, "" for an empty cell'),
};

const cellSpec: z.ZodType<CellSpec> = z.object(cellShape);

export const columnSpec: z.ZodType<ColumnSpec> = z.object({
  name: z.string().min(1).describe("exactly as it was found"),
  ...cellShape,
  optional: z.boolean().optional().describe("JSON only: the member may be missing"),
  about: line.optional().describe("one line for the reader of the type"),
});

export const packageSpec: z.ZodType<PackageSpec> = z.object({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,80}$/, "lower-case letters, digits and dashes"),
  source: z.object({
    file: line,
    kind: z.enum(["csv", "tsv", "json", "ndjson"]),
    delimiter: z.enum([",", ";", "\t", "|"]).optional(),
    member: z.string().optional(),
  }),
  rowsSampled: z.number().int().min(1),
  columns: z.array(columnSpec).min(1),
});

/** Whether cells of this file are texts to be read, rather than values that already have a type. */
export const holdsText = (source: SourceSpec): boolean => source.kind === "csv" || source.kind === "tsv";

/** A text that cannot be wrong: there is nothing to corrupt. */
export const isPlainText = (value: ValueSpec): boolean =>
  (value.kind === "text" && value.format === undefined) || value.kind === "anything";
