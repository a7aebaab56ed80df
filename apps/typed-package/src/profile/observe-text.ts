import { DATE_PATTERNS, type DatePattern, datePatternsOf } from "./date-patterns.js";
import { type NumberStyle, numberStylesOf, plainNumber, sameStyle } from "./number-styles.js";
import type { NumberTextObservation, TextObservation } from "./observation.js";
import { TEXT_FORMAT_NAMES, TEXT_FORMATS, type TextFormat } from "./text-formats.js";

/** More different texts than this are not an enumeration. */
export const MAX_DISTINCT = 30;
const MAX_DISTINCT_LENGTH = 60;
const MAX_EXAMPLES = 5;
const MAX_EXAMPLE_LENGTH = 60;

/** Texts that stand for "no value" in many files. Whether they do in this one depends on what else the column holds. */
export const PLACEHOLDERS: ReadonlySet<string> = new Set([
  ...[
    "NA",
    "N/A",
    "n/a",
    "#N/A",
    "NULL",
    "Null",
    "null",
    "None",
    "none",
    "NaN",
    "nan",
    "nil",
    "-",
    "--",
    "?",
    ".",
    "\\N",
  ],
]);

export const BOOLEAN_WORDS: readonly (readonly [yes: string, no: string])[] = [
  ["true", "false"],
  ["yes", "no"],
  ["y", "n"],
  ["t", "f"],
  ["on", "off"],
];

const BOOLEANS: ReadonlySet<string> = new Set(BOOLEAN_WORDS.flat());

interface NumberFold {
  styles: readonly NumberStyle[];
  readonly ranges: Map<
    NumberStyle,
    { integers: boolean; leadingZeros: boolean; inexact: boolean; min: number; max: number }
  >;
}

function isInexactInteger(digits: string): boolean {
  const value = Number(digits);
  return (
    /^-?\d+$/.test(digits) &&
    !Number.isSafeInteger(value) &&
    String(value) !== digits &&
    BigInt(digits) !== BigInt(value)
  );
}

function foldNumber(fold: NumberFold | undefined, text: string, fits: readonly NumberStyle[]): NumberFold {
  const styles = fold ? fold.styles.filter((style) => fits.some((other) => sameStyle(style, other))) : fits;
  const next: NumberFold = fold ? { ...fold, styles } : { styles, ranges: new Map() };
  for (const style of styles) {
    const digits = plainNumber(text, style);
    const value = Number(digits);
    const before = next.ranges.get(style);
    next.ranges.set(style, {
      integers: (before?.integers ?? true) && /^-?\d+$/.test(digits),
      leadingZeros: (before?.leadingZeros ?? false) || /^-?0\d/.test(digits),
      inexact: (before?.inexact ?? false) || isInexactInteger(digits),
      min: Math.min(before?.min ?? value, value),
      max: Math.max(before?.max ?? value, value),
    });
  }
  return next;
}

function numbersOf(fold: NumberFold | undefined): NumberTextObservation | undefined {
  const [first] = fold?.styles ?? [];
  const range = first && fold?.ranges.get(first);
  return fold && range && { styles: fold.styles, ...range };
}

export interface TextObserver {
  add(text: string): void;
  result(): TextObservation | undefined;
}

/** Watches the texts of one column. What no longer fits is dropped, so that a long column costs little. */
export function textObserver(): TextObserver {
  let count = 0;
  let empty = 0;
  let padded = 0;
  let regular = 0;
  let minLength = Number.POSITIVE_INFINITY;
  let maxLength = 0;
  const placeholders: Record<string, number> = {};
  const looks: Partial<Record<"number" | "date" | "boolean" | "other", number>> = {};
  const examples: string[] = [];
  let distinct: Map<string, number> | undefined = new Map();
  let numbers: NumberFold | undefined;
  let dates: readonly DatePattern[] = DATE_PATTERNS;
  let datesFit = true;
  let formats: readonly TextFormat[] = TEXT_FORMAT_NAMES;

  const countDistinct = (text: string): void => {
    if (!distinct) return;
    distinct.set(text, (distinct.get(text) ?? 0) + 1);
    if (distinct.size > MAX_DISTINCT || text.length > MAX_DISTINCT_LENGTH) distinct = undefined;
  };

  /** Goes on looking for the dates it knows when one text was none, so that the exceptions can be counted. */
  const addDate = (text: string): boolean => {
    // A column that showed no date among its first texts has none: do not try every pattern on every row.
    if (dates === DATE_PATTERNS && regular > 100) return false;
    const fitting = datePatternsOf(text, dates);
    if (fitting.length > 0) dates = fitting;
    else datesFit = false;
    return fitting.length > 0;
  };

  const addRegular = (text: string): void => {
    const first = regular++ === 0;
    const styles = numberStylesOf(text);
    if (first || numbers) numbers = styles.length === 0 ? undefined : foldNumber(numbers, text, styles);
    if (numbers?.styles.length === 0) numbers = undefined;
    const isDate = addDate(text);
    if (formats.length > 0) formats = formats.filter((format) => TEXT_FORMATS[format].test(text));
    const look =
      styles.length > 0 ? "number" : isDate ? "date" : BOOLEANS.has(text.toLowerCase()) ? "boolean" : "other";
    looks[look] = (looks[look] ?? 0) + 1;
    if (examples.length < MAX_EXAMPLES && !examples.includes(text)) examples.push(text.slice(0, MAX_EXAMPLE_LENGTH));
  };

  return {
    add(text) {
      count++;
      if (text === "") {
        empty++;
        return;
      }
      const trimmed = text.trim();
      if (trimmed !== text) padded++;
      minLength = Math.min(minLength, text.length);
      maxLength = Math.max(maxLength, text.length);
      countDistinct(text);
      if (PLACEHOLDERS.has(text)) placeholders[text] = (placeholders[text] ?? 0) + 1;
      else addRegular(trimmed);
    },
    result() {
      if (count === 0) return undefined;
      const sorted = distinct && [...distinct].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
      return {
        count,
        empty,
        placeholders,
        padded,
        minLength: count === empty ? 0 : minLength,
        maxLength,
        ...(sorted && { distinct: sorted }),
        examples,
        looks,
        ...(numbers && { numbers: numbersOf(numbers) }),
        ...(regular > 0 && datesFit && { dates: dates.map(({ pattern }) => pattern) }),
        ...(regular > 0 && formats.length > 0 && { formats }),
      };
    },
  };
}
