import { isPlainObject, setOwn } from "./plain.js";

/**
 * LangChain keeps the arguments of a constructor beside the fields that were made from them, and serializes from
 * those. Nearly always they are the same values again; so only what differs is written.
 */
export interface MirrorParts {
  /** Names of arguments that are the very values of the fields of the same name. */
  readonly same?: readonly string[];
  /** Arguments that no field holds. */
  readonly other?: Readonly<Record<string, unknown>>;
  /** Instead of both: the arguments are no plain object. */
  readonly value?: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/** What the arguments are when nothing else is said: every field that is there. */
function defaultSame(fields: Fields): string[] {
  const isConstant = (key: string) => key === "type" || key.startsWith("lc_") || key.startsWith("lg_");
  return Object.keys(fields).filter((key) => !isConstant(key) && fields[key] !== undefined);
}

function isDefault(same: readonly string[], fields: Fields): boolean {
  const expected = new Set(defaultSame(fields));
  return same.length === expected.size && same.every((key) => expected.has(key));
}

/** Undefined: they are what `restoreMirror` assumes when nothing is said. */
export function mirrorParts(kwargs: unknown, fields: Fields): MirrorParts | undefined {
  if (!isPlainObject(kwargs) || Reflect.ownKeys(kwargs).length !== Object.keys(kwargs).length) return { value: kwargs };
  const same: string[] = [];
  const other: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(kwargs)) {
    if (Object.hasOwn(fields, key) && Object.is(fields[key], value)) same.push(key);
    else setOwn(other, key, value);
  }
  if (Object.keys(other).length > 0) return { same, other };
  return isDefault(same, fields) ? undefined : { same };
}

/** The arguments again. Throws when the parts are not what `mirrorParts` writes. */
export function restoreMirror(parts: unknown, fields: Fields): unknown {
  if (parts !== undefined && !isPlainObject(parts)) throw new TypeError("lc_kwargs is not an object");
  if (parts !== undefined && Object.hasOwn(parts, "value")) return parts.value;
  const kwargs: Record<string, unknown> = {};
  const same = parts === undefined ? defaultSame(fields) : parts.same;
  if (!Array.isArray(same)) throw new TypeError("lc_kwargs.same is not an array");
  for (const key of same) {
    if (typeof key !== "string" || !Object.hasOwn(fields, key)) throw new TypeError("lc_kwargs.same names no field");
    setOwn(kwargs, key, fields[key]);
  }
  const other = parts?.other ?? {};
  if (!isPlainObject(other)) throw new TypeError("lc_kwargs.other is not an object");
  for (const [key, value] of Object.entries(other)) setOwn(kwargs, key, value);
  return kwargs;
}
