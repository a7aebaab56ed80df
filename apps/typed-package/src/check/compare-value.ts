import type { Cell } from "../formats/table.js";
import type { CellSpec, ColumnSpec, ValueSpec } from "../generate/spec.js";
import { compileDatePattern, type DatePattern } from "../profile/date-patterns.js";
import { PLAIN, plainNumber } from "../profile/number-styles.js";
import { PLACEHOLDERS } from "../profile/observe-text.js";
import type { Encoded } from "./encoded-value.js";

/**
 * Whether the loader's value is what the file's cell says, judged without the generated code: by this app's own
 * reading of numbers, dates and words.
 */
export type Compare = (raw: Cell | undefined, got: Encoded | undefined) => boolean;

/** Texts that may be turned into null. Any other would be data that disappears. */
const mayMeanNull = (text: string): boolean => text === "" || PLACEHOLDERS.has(text);

function sameNumber(
  raw: string,
  style: NonNullable<(ValueSpec & { kind: "number" })["style"]>,
  got: Encoded | undefined,
): boolean {
  const digits = plainNumber(raw.trim(), style);
  if (typeof got !== "number" || digits === "" || /^-?0\d/.test(digits)) return false;
  // Compare the digits of integers, not two roundings of them.
  if (/^-?\d+$/.test(digits))
    return BigInt(digits) === (Number.isInteger(got) ? BigInt(got) : undefined) || String(got) === digits;
  return Number(digits) === got;
}

function compareText(value: ValueSpec): Compare {
  const pattern: DatePattern | undefined = value.kind === "date" ? compileDatePattern(value.pattern) : undefined;
  return (raw, got) => {
    if (typeof raw !== "string") return false;
    switch (value.kind) {
      case "text":
      case "enum":
        return got === `s${raw}`;
      case "integer":
      case "number":
        return sameNumber(raw, value.style ?? PLAIN, got);
      case "bigint":
        return /^-?\d+$/.test(raw.trim()) && got === `n${BigInt(raw.trim())}`;
      case "boolean":
        return got === true
          ? (value.yes ?? ["true"]).includes(raw.trim())
          : got === false && (value.no ?? ["false"]).includes(raw.trim());
      case "date":
        return got === `d${pattern?.parse(raw.trim())}`;
      default:
        return false;
    }
  };
}

/** For a column of CSV or TSV. */
export function compareTextCell(cell: CellSpec): Compare {
  const compare = compareText(cell.value);
  return (raw, got) =>
    got === null ? typeof raw === "string" && mayMeanNull(raw) && cell.nullable : compare(raw, got);
}

const isRecord = (value: unknown): value is Readonly<Record<string, never>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function compareRecord(fields: readonly ColumnSpec[] | undefined): Compare {
  const members = new Map(fields?.map((field) => [field.name, compareJsonCell(field)]));
  const same = compareJsonValue({ kind: "anything" });
  return (raw, got) => {
    if (!isRecord(raw) || !isRecord(got)) return false;
    const names = new Set([...Object.keys(raw), ...Object.keys(got)]);
    return [...names].every((name) => (members.get(name) ?? same)(own(raw, name), own(got, name)));
  };
}

/** A member of the object itself: every object inherits a `constructor`. */
export const own = <Value>(object: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

function compareJsonValue(value: ValueSpec): Compare {
  if (value.kind === "date") {
    const pattern = compileDatePattern(value.pattern);
    return (raw, got) => typeof raw === "string" && got === `d${pattern.parse(raw.trim())}`;
  }
  if (value.kind === "either") {
    const choices = value.of.map(compareJsonValue);
    return (raw, got) => choices.some((compare) => compare(raw, got));
  }
  const items = value.kind === "list" ? compareJsonCell(value.items) : undefined;
  let record: Compare | undefined;
  const compare: Compare = (raw, got) => {
    if (typeof raw === "string") return got === `s${raw}`;
    if (Array.isArray(raw)) {
      return (
        Array.isArray(got) &&
        raw.length === got.length &&
        raw.every((item, index) => (items ?? compare)(item, got[index]))
      );
    }
    if (isRecord(raw)) {
      record ??= compareRecord(value.kind === "record" ? value.fields : undefined);
      return record(raw, got);
    }
    return raw === got;
  };
  return compare;
}

/** For a member of a JSON row. */
export function compareJsonCell(cell: CellSpec): Compare {
  const compare = compareJsonValue(cell.value);
  return (raw, got) => (raw === null || raw === undefined ? got === raw : compare(raw, got));
}
