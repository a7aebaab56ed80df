import type { Cell } from "../formats/table.js";
import { literal } from "./literals.js";
import type { CellSpec, ColumnSpec, ValueSpec } from "./spec.js";

/** A value that a spec accepts, made from the spec alone: as it stands in a file, and as code for what it becomes. */
export interface Sample {
  readonly raw: Cell;
  readonly expected: string;
}

const MOMENT = { YYYY: "2001", YY: "01", MMMM: "February", MMM: "Feb", MM: "02", M: "2", DD: "03", D: "3" } as const;
const TIME = { HH: "04", H: "4", h: "4", mm: "05", ss: "06", SSS: "007", A: "AM", Z: "Z" } as const;

function sampleDate(pattern: string): Sample {
  const has = (token: string) => pattern.includes(token);
  const raw = pattern.replace(
    /YYYY|YY|MMMM|MMM|MM|M|DD|D|HH|H|h|mm|ss|SSS|A|Z/g,
    (token) => ({ ...MOMENT, ...TIME })[token] ?? token,
  );
  const time = [has("H") || has("h") ? 4 : 0, has("mm") ? 5 : 0, has("ss") ? 6 : 0, has("SSS") ? 7 : 0];
  return { raw, expected: `new Date(Date.UTC(${[2001, 1, has("D") ? 3 : 1, ...time].join(", ")}))` };
}

const FORMATS = {
  email: "ann@example.org",
  url: "https://example.org/",
  uuid: "123e4567-e89b-12d3-a456-426614174000",
  digits: "00501",
};

function sampleNumber(value: ValueSpec & { kind: "integer" | "number" }, inText: boolean): Sample {
  const number = Math.max(1, value.min ?? 1);
  if (!inText) return { raw: number, expected: literal(number) };
  const { prefix = "", suffix = "", decimal = "." } = value.style ?? {};
  return { raw: prefix + String(number).replace(".", decimal) + suffix, expected: literal(number) };
}

function sampleValue(value: ValueSpec, inText: boolean): Sample {
  const same = (raw: Cell): Sample => ({ raw, expected: literal(raw) });
  switch (value.kind) {
    case "text":
      return same(value.format === undefined ? "some text" : FORMATS[value.format]);
    case "enum":
      return same(value.values[0] ?? "");
    case "integer":
    case "number":
      return sampleNumber(value, inText);
    case "bigint":
      return { raw: "12345678901234567890", expected: "12345678901234567890n" };
    case "boolean":
      return inText ? { raw: value.yes?.[0] ?? "true", expected: "true" } : same(true);
    case "date":
      return sampleDate(value.pattern);
    case "nothing":
      return same(null);
    case "list": {
      const item = sampleCell(value.items, inText);
      return { raw: [item.raw], expected: `[${item.expected}]` };
    }
    case "record":
      return sampleRow(value.fields, inText);
    case "either":
      return sampleValue(value.of[0] ?? { kind: "anything" }, inText);
    case "anything":
      return same("anything");
  }
}

export function sampleCell(cell: CellSpec, inText: boolean): Sample {
  if (cell.value.kind === "nothing") return { raw: inText ? (cell.nulls?.[0] ?? "") : null, expected: "null" };
  return sampleValue(cell.value, inText);
}

/** A whole row, every member present. */
export function sampleRow(columns: readonly ColumnSpec[], inText: boolean): Sample {
  const samples = columns.map((column) => ({ name: column.name, ...sampleCell(column, inText) }));
  return {
    raw: Object.fromEntries(samples.map(({ name, raw }) => [name, raw])),
    expected: `{ ${samples.map(({ name, expected }) => `${literal(name)}: ${expected}`).join(", ")} }`,
  };
}

/** A value that a spec must refuse, or undefined where it accepts everything of its kind. */
export function wrongCell(cell: CellSpec): Cell | undefined {
  const candidates: readonly Cell[] = ["~ not this ~", true, 0.5, ["~"], { "~": "~" }];
  return candidates.find((candidate) => !accepts(cell.value, candidate));
}

function accepts(value: ValueSpec, candidate: Cell): boolean {
  if (value.kind === "anything") return true;
  if (value.kind === "either") return value.of.some((of) => accepts(of, candidate));
  if (typeof candidate === "string") return value.kind === "text" && value.format === undefined;
  if (typeof candidate === "boolean") return value.kind === "boolean";
  if (typeof candidate === "number") return value.kind === "number";
  if (Array.isArray(candidate)) return value.kind === "list";
  return value.kind === "record";
}
