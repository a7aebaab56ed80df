import { z } from "zod";
import { type NumberStyle, numberStyle } from "./number-styles.js";
import { TEXT_FORMAT_NAMES, type TextFormat } from "./text-formats.js";

/** What was seen in the texts of a column. All that "fits" fits every text that is neither empty nor a placeholder. */
export interface TextObservation {
  readonly count: number;
  readonly empty: number;
  /** Texts that often stand for a missing value, with how often each was there. */
  readonly placeholders: Readonly<Record<string, number>>;
  /** Texts with white space around them. */
  readonly padded: number;
  readonly minLength: number;
  readonly maxLength: number;
  /** Every different text with its count, the most frequent first; absent where there are too many, or long ones. */
  readonly distinct?: readonly (readonly [text: string, count: number])[] | undefined;
  readonly examples: readonly string[];
  /** How many look like a number, a date, a boolean or other text: a few of another kind are worth a look. */
  readonly looks: Readonly<Partial<Record<"number" | "date" | "boolean" | "other", number>>>;
  readonly numbers?: NumberTextObservation | undefined;
  /** Date patterns that fit. */
  readonly dates?: readonly string[] | undefined;
  readonly formats?: readonly TextFormat[] | undefined;
}

/** All texts are numbers. */
export interface NumberTextObservation {
  /** Styles that fit; of several, the first is the plainest. */
  readonly styles: readonly NumberStyle[];
  readonly integers: boolean;
  /** Some start with a zero that a number would lose. */
  readonly leadingZeros: boolean;
  /** Some integers have digits that a JavaScript number would lose. */
  readonly inexact: boolean;
  readonly min: number;
  readonly max: number;
}

export interface NumberObservation {
  readonly count: number;
  readonly integers: number;
  readonly min: number;
  readonly max: number;
}

/** What was seen in one column over some rows. Plain data: it can be handed over and read by any agent. */
export interface Observation {
  readonly rows: number;
  /** Rows whose object lacks this member (JSON). */
  readonly absent: number;
  /** JSON `null`. */
  readonly nulls: number;
  readonly text?: TextObservation | undefined;
  readonly number?: NumberObservation | undefined;
  readonly boolean?: { readonly count: number } | undefined;
  readonly list?: { readonly count: number; readonly maxLength: number; readonly items: Observation } | undefined;
  /** `fields` is absent where objects have too many different members, or are nested too deep. */
  readonly object?:
    | { readonly count: number; readonly fields?: Readonly<Record<string, Observation>> | undefined }
    | undefined;
}

const count = z.number().int().min(0);

const textObservation: z.ZodType<TextObservation> = z.object({
  count,
  empty: count,
  placeholders: z.record(z.string(), count),
  padded: count,
  minLength: count,
  maxLength: count,
  distinct: z.array(z.tuple([z.string(), count])).optional(),
  examples: z.array(z.string()),
  looks: z.partialRecord(z.enum(["number", "date", "boolean", "other"]), count),
  numbers: z
    .object({
      styles: z.array(numberStyle),
      integers: z.boolean(),
      leadingZeros: z.boolean(),
      inexact: z.boolean(),
      min: z.number(),
      max: z.number(),
    })
    .optional(),
  dates: z.array(z.string()).optional(),
  formats: z.array(z.enum(TEXT_FORMAT_NAMES)).optional(),
});

export const observation: z.ZodType<Observation> = z.lazy(() =>
  z.object({
    rows: count,
    absent: count,
    nulls: count,
    text: textObservation.optional(),
    number: z.object({ count, integers: count, min: z.number(), max: z.number() }).optional(),
    boolean: z.object({ count }).optional(),
    list: z.object({ count, maxLength: count, items: observation }).optional(),
    object: z.object({ count, fields: z.record(z.string(), observation).optional() }).optional(),
  }),
);
