import { type Json, RESERVED_KEY } from "../json.js";
import { type Decoding, json, stringOf, type Tag } from "../tag.js";

const notTaken = (): never => {
  throw new TypeError("primitives are encoded where they stand");
};

const NUMBERS: Readonly<Record<string, number>> = { NaN, Infinity: Infinity, "-Infinity": -Infinity, "-0": -0 };
const BIGINT = /^(?:0|-?[1-9][0-9]*)$/;

/** What a number is in JSON: itself, or a tag for the four kinds of number that JSON cannot say. */
export function encodeNumber(number: number): Json {
  if (Number.isFinite(number) && !Object.is(number, -0)) return number;
  return { [RESERVED_KEY]: "number", value: Object.is(number, -0) ? "-0" : String(number) };
}

export function encodeUndefined(): Json {
  return { [RESERVED_KEY]: "undefined" };
}

/** The well-formed stretches of a string, with each lone surrogate between them as a number. */
export function splitString(text: string): readonly (string | number)[] {
  const parts: (string | number)[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    if (unit < 0xdc00 && isLowSurrogate(text.charCodeAt(index + 1))) {
      index++;
      continue;
    }
    if (index > start) parts.push(text.slice(start, index));
    parts.push(unit);
    start = index + 1;
  }
  if (start < text.length) parts.push(text.slice(start));
  return parts;
}

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

function decodePart(part: unknown, decoding: Decoding): string {
  if (typeof part === "string") return part;
  if (Number.isInteger(part) && (part as number) >= 0xd800 && (part as number) <= 0xdfff) {
    return String.fromCharCode(part as number);
  }
  return decoding.malformed("a part of a string is neither a string nor a surrogate");
}

export const undefinedTag: Tag = {
  name: "undefined",
  members: {},
  take: notTaken,
  make: () => undefined,
};

export const numberTag: Tag = {
  name: "number",
  members: { value: json },
  take: notTaken,
  make(members, decoding) {
    const text = stringOf(members, "value", decoding);
    if (Object.hasOwn(NUMBERS, text)) return NUMBERS[text];
    return decoding.malformed("a number is none of NaN, Infinity, -Infinity and -0");
  },
};

export const bigintTag: Tag = {
  name: "bigint",
  members: { value: json },
  take: notTaken,
  make(members, decoding) {
    const text = stringOf(members, "value", decoding);
    return BIGINT.test(text) ? BigInt(text) : decoding.malformed("a bigint is not a decimal integer");
  },
};

export const stringTag: Tag = {
  name: "string",
  members: { parts: json },
  take: notTaken,
  make({ parts }, decoding) {
    if (!Array.isArray(parts)) return decoding.malformed("the parts of a string are not an array");
    return parts.map((part) => decodePart(part, decoding)).join("");
  },
};
