/**
 * How the checking process writes a typed value as JSON, so that nothing is confused with anything: every string is
 * marked `s`, a date is `d` and its milliseconds, a bigint is `n` and its digits; the rest is plain JSON.
 */
export type Encoded = null | boolean | number | string | readonly Encoded[] | { readonly [name: string]: Encoded };

/** The same in JavaScript, as it stands in the script that runs beside the generated package. */
export const ENCODE_SOURCE = `function encode(value) {
  if (typeof value === "string") return "s" + value;
  if (typeof value === "bigint") return "n" + value;
  if (value instanceof Date) return "d" + value.getTime();
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined).map(([name, member]) => [name, encode(member)]));
}`;
