import { z } from "zod";

/** How numbers are written in text. */
export interface NumberStyle {
  readonly decimal: "." | ",";
  /** Between thousands; empty where none is. */
  readonly group: "" | "," | "." | " " | "'";
  /** A unit before or after every number, such as `$` or `%`. */
  readonly prefix: string;
  readonly suffix: string;
}

export const numberStyle: z.ZodType<NumberStyle> = z.object({
  decimal: z.enum([".", ","]),
  group: z.enum(["", ",", ".", " ", "'"]),
  prefix: z.string().max(4),
  suffix: z.string().max(4),
});

export const PLAIN: NumberStyle = { decimal: ".", group: "", prefix: "", suffix: "" };

const BODIES: readonly { decimal: "." | ","; group: NumberStyle["group"]; regex: RegExp }[] = [
  { decimal: ".", group: "", regex: /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/ },
  { decimal: ".", group: ",", regex: /^[+-]?\d{1,3}(?:,\d{3})*(?:\.\d+)?$/ },
  { decimal: ",", group: "", regex: /^[+-]?\d+(?:,\d+)?$/ },
  { decimal: ",", group: ".", regex: /^[+-]?\d{1,3}(?:\.\d{3})*(?:,\d+)?$/ },
  { decimal: ",", group: " ", regex: /^[+-]?\d{1,3}(?:[ \u00a0\u202f]\d{3})*(?:,\d+)?$/ },
  { decimal: ".", group: "'", regex: /^[+-]?\d{1,3}(?:['’]\d{3})*(?:\.\d+)?$/ },
];

const AFFIXES = /^(?<sign>[+-]?)(?<prefix>[$€£¥]? ?)(?<body>.*?)(?<suffix> ?[%€£]?)$/;

/** The styles in which a text is a number, the plainest first. */
export function numberStylesOf(text: string): readonly NumberStyle[] {
  const last = text.charCodeAt(text.length - 1);
  // Cheap first: a number ends in a digit, a point or a unit.
  if (text.length > 40 || !((last >= 48 && last <= 57) || ".%€£".includes(text[text.length - 1] ?? "x"))) return [];
  const { sign = "", prefix = "", body = "", suffix = "" } = AFFIXES.exec(text)?.groups ?? {};
  if (/^[+-]/.test(body)) return [];
  return (
    BODIES.filter(({ regex }) => regex.test(sign + body))
      .map(({ decimal, group }) => ({ decimal, group, prefix, suffix }))
      // Digits beyond what a double can reach are text.
      .filter((style) => Number.isFinite(Number(plainNumber(text, style))))
  );
}

/** The decimal digits of a number as JavaScript writes them: `-1234.5`. */
export function plainNumber(text: string, style: NumberStyle): string {
  const sign = /^[+-]/.exec(text)?.[0] ?? "";
  const body = text.slice(sign.length + style.prefix.length, text.length - style.suffix.length);
  const ungrouped =
    style.group === "" ? body : body.replace(/[,.'’ \u00a0\u202f]/g, (mark) => (mark === style.decimal ? mark : ""));
  return (sign === "-" ? "-" : "") + ungrouped.replace(style.decimal, ".");
}

export const sameStyle = (a: NumberStyle, b: NumberStyle): boolean =>
  a.decimal === b.decimal && a.group === b.group && a.prefix === b.prefix && a.suffix === b.suffix;
