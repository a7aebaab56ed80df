import { z } from "zod";
import { dateReader } from "./dates.js";

/** How numbers are written: `1,234.5`, `1.234,5`, `$3.50`, `12 %`. */
export interface NumberStyle {
  readonly decimal?: "." | ",";
  readonly group?: string;
  readonly prefix?: string;
  readonly suffix?: string;
}

export interface NumberOptions {
  readonly min?: number;
  readonly style?: NumberStyle;
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Gives the number in a text as JavaScript writes it, or undefined. */
function digitsReader(style: NumberStyle): (text: string) => string | undefined {
  const { decimal = ".", group = "", prefix = "", suffix = "" } = style;
  const marks = { " ": "[ \\u00a0\\u202f]", "'": "['’]" }[group] ?? escapeRegExp(group);
  const plain = decimal === "." ? "(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?" : "\\d+(?:,\\d+)?";
  const grouped = `\\d{1,3}(?:${marks}\\d{3})*(?:${escapeRegExp(decimal)}\\d+)?`;
  const regex = new RegExp(
    `^([+-]?)${escapeRegExp(prefix)}(${group === "" ? plain : grouped})${escapeRegExp(suffix)}$`,
  );
  const mark = group === "" ? undefined : new RegExp(marks, "g");
  return (text) => {
    const match = regex.exec(text);
    if (!match) return undefined;
    const body = mark ? (match[2] ?? "").replace(mark, "") : (match[2] ?? "");
    return (match[1] === "-" ? "-" : "") + body.replace(decimal, ".");
  };
}

type Cell<Value> = z.ZodType<Value, string>;

/** A cell that `read` understands; white space around it does not count. */
function cell<Value>(expected: string, read: (text: string) => Value | undefined): Cell<Value> {
  return z.string().transform((text, context) => {
    const value = read(text.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: `expected ${expected}` });
    return z.NEVER;
  });
}

/** An integer that a number holds exactly. */
export function integer({ min, style = {} }: NumberOptions = {}): Cell<number> {
  const digits = digitsReader(style);
  return cell(min === undefined ? "an integer" : `an integer of ${min} or more`, (text) => {
    const found = digits(text);
    if (found === undefined || !/^-?(?:0|[1-9]\d*)$/.test(found)) return undefined;
    const value = Number(found);
    return Number.isSafeInteger(value) && (min === undefined || value >= min) ? value : undefined;
  });
}

export function number({ min, style = {} }: NumberOptions = {}): Cell<number> {
  const digits = digitsReader(style);
  return cell(min === undefined ? "a number" : `a number of ${min} or more`, (text) => {
    const found = digits(text);
    // A zero in front is part of a code, not of a number.
    if (found === undefined || /^-?0\d/.test(found)) return undefined;
    const value = Number(found);
    return Number.isFinite(value) && (min === undefined || value >= min) ? value : undefined;
  });
}

/** An integer of any size. */
export function bigint(): Cell<bigint> {
  return cell("an integer", (text) => (/^-?(?:0|[1-9]\d*)$/.test(text) ? BigInt(text) : undefined));
}

export function boolean(options: { readonly yes: readonly string[]; readonly no: readonly string[] }): Cell<boolean> {
  return cell(`one of ${[...options.yes, ...options.no].join(", ")}`, (text) =>
    options.yes.includes(text) ? true : options.no.includes(text) ? false : undefined,
  );
}

/** A date in one pattern, as `Date`; UTC where the text names no zone. */
export function date(pattern: string): Cell<Date> {
  return cell(`a date like ${pattern}`, dateReader(pattern));
}

/** A cell that never has a value. */
export function nothing(): Cell<never> {
  return cell<never>("no value", () => undefined);
}

/** Null for the texts that mean so, else what `inner` makes of the cell. */
export function nullable<Value>(nulls: readonly string[], inner: Cell<Value>): Cell<Value | null> {
  return z
    .string()
    .transform((text) => (nulls.includes(text) ? null : text))
    .pipe(inner.nullable());
}
