import type { CellSpec, ColumnSpec, ValueSpec } from "../generate/spec.js";
import { onlyBooleanWords, onlyDatePattern, onlyNumberStyle } from "../profile/conclusions.js";
import { PLAIN, sameStyle } from "../profile/number-styles.js";
import type { NumberObservation, NumberTextObservation, Observation, TextObservation } from "../profile/observation.js";

/** A column with more values than this, with only one, or whose values hardly repeat, is no enumeration. */
const MAX_ENUM_VALUES = 20;
const MIN_REPEATS = 3;
const MIN_ENUM_ROWS = 10;

const least = (min: number): { min?: number } => (min >= 0 ? { min: 0 } : {});

function numberValue(numbers: NumberTextObservation, text: TextObservation): ValueSpec | undefined {
  const style = onlyNumberStyle(text);
  if (!style) return undefined;
  const plain = sameStyle(style, PLAIN);
  if (numbers.inexact) return { kind: "bigint" };
  return { kind: numbers.integers ? "integer" : "number", ...least(numbers.min), ...(!plain && { style }) };
}

function enumValue(text: TextObservation): ValueSpec | undefined {
  const { distinct } = text;
  const count = text.count - text.empty;
  if (
    !distinct ||
    distinct.length < 2 ||
    distinct.length > MAX_ENUM_VALUES ||
    count < MIN_ENUM_ROWS ||
    count < distinct.length * MIN_REPEATS
  )
    return undefined;
  return { kind: "enum", values: distinct.map(([value]) => value).sort() };
}

function formatValue(text: TextObservation): ValueSpec | undefined {
  const format = text.padded === 0 ? text.formats?.[0] : undefined;
  return format && { kind: "text", format };
}

/** The type of a column of CSV or TSV, where a text may stand for anything. */
function decideTextColumn(seen: Observation): CellSpec {
  const { text } = seen;
  if (!text || text.count === text.empty) return { value: { kind: "nothing" }, nullable: true, nulls: [""] };
  const empty = text.empty > 0 ? [""] : [];
  const pattern = onlyDatePattern(text);
  const words = onlyBooleanWords(text);
  const typed: ValueSpec | undefined =
    (text.numbers && numberValue(text.numbers, text)) ??
    (pattern === undefined ? undefined : { kind: "date", pattern }) ??
    (words && { kind: "boolean", ...words });
  // A word such as NA stands for "no value" only beside values of another type: among texts it may be a name.
  if (typed) return withNulls(typed, [...empty, ...Object.keys(text.placeholders)]);
  const known = Object.keys(text.placeholders).length === 0;
  return withNulls(enumValue(text) ?? (known ? formatValue(text) : undefined) ?? { kind: "text" }, empty);
}

const withNulls = (value: ValueSpec, nulls: readonly string[]): CellSpec =>
  nulls.length > 0 ? { value, nullable: true, nulls } : { value, nullable: false };

/** JSON strings: a string is a value of its own, so no string means null. */
function decideJsonText(text: TextObservation): ValueSpec {
  const allRegular = text.empty === 0 && Object.keys(text.placeholders).length === 0;
  const pattern = onlyDatePattern(text);
  if (allRegular && pattern !== undefined) return { kind: "date", pattern };
  const words = enumValue(text);
  if (words?.kind === "enum") return text.empty > 0 ? { ...words, values: ["", ...words.values] } : words;
  return (allRegular ? formatValue(text) : undefined) ?? { kind: "text" };
}

function decideJsonNumber(numbers: NumberObservation): ValueSpec {
  const exact = Number.isSafeInteger(numbers.min) && Number.isSafeInteger(numbers.max);
  return { kind: numbers.integers === numbers.count && exact ? "integer" : "number", ...least(numbers.min) };
}

function decideJsonValue(seen: Observation): ValueSpec {
  const kinds: ValueSpec[] = [];
  if (seen.text) kinds.push(decideJsonText(seen.text));
  if (seen.number) kinds.push(decideJsonNumber(seen.number));
  if (seen.boolean) kinds.push({ kind: "boolean" });
  if (seen.list) {
    const { items } = seen.list;
    const unknown: CellSpec = { value: { kind: "anything" }, nullable: false };
    kinds.push({
      kind: "list",
      items: items.rows === 0 ? unknown : { value: decideJsonValue(items), nullable: items.nulls > 0 },
    });
  }
  if (seen.object) {
    const { fields } = seen.object;
    if (!fields) return { kind: "anything" };
    kinds.push({
      kind: "record",
      fields: Object.entries(fields).map(([name, field]) => decideJsonColumn(name, field)),
    });
  }
  const [only] = kinds;
  if (!only) return { kind: "nothing" };
  if (kinds.length === 1) return only;
  return kinds.some(({ kind }) => kind === "anything") ? { kind: "anything" } : { kind: "either", of: kinds };
}

function decideJsonColumn(name: string, seen: Observation): ColumnSpec {
  const value = decideJsonValue(seen);
  return {
    name,
    value,
    nullable: seen.nulls > 0 || value.kind === "nothing",
    ...(seen.absent > 0 && { optional: true }),
  };
}

const count = new Intl.NumberFormat("en");

/** One line for the reader of the type: what was seen. */
function about(seen: Observation): string {
  const parts: string[] = [];
  const numbers = seen.number ?? seen.text?.numbers;
  if (numbers) parts.push(`${numbers.min} to ${numbers.max}`);
  const missing = seen.nulls + seen.absent + (seen.text?.empty ?? 0);
  if (missing > 0) parts.push(`none in ${count.format(missing)} of ${count.format(seen.rows)} rows seen`);
  return parts.join("; ");
}

/** The type that fits what was seen of a column, and no more. */
export function decideColumn(name: string, seen: Observation, inText: boolean): ColumnSpec {
  const line = about(seen);
  const column = inText ? { name, ...decideTextColumn(seen) } : decideJsonColumn(name, seen);
  return line === "" ? column : { ...column, about: line };
}

/** The type that nothing can contradict: for a column that amending did not settle. */
export function lastResort(name: string, inText: boolean): ColumnSpec {
  return inText
    ? { name, value: { kind: "text" }, nullable: true, nulls: [""] }
    : { name, value: { kind: "anything" }, nullable: true, optional: true };
}
