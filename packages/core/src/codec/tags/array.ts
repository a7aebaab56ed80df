import { readOwn, refuseHidden } from "../own-properties.js";
import { segment } from "../path.js";
import { type Decoding, json, pairs, pairsOf, type Tag } from "../tag.js";

const MAX_LENGTH = 2 ** 32 - 1;
const INDEX = /^(?:0|[1-9][0-9]{0,9})$/;

/** An array with holes, or with properties beside its items. */
export const arrayTag: Tag = {
  name: "array",
  members: { length: json, entries: pairs },
  take(value, encoding) {
    const array = value as readonly unknown[];
    const keys = Object.keys(array);
    refuseHidden(array, keys.length, 1, encoding);
    const entries = keys.map((key) => [isIndex(key) ? Number(key) : key, readOwn(array, key, encoding)]);
    return { length: array.length, entries };
  },
  open({ length }, decoding) {
    const valid = Number.isInteger(length) && (length as number) >= 0 && (length as number) <= MAX_LENGTH;
    if (!valid) return decoding.malformed("the length of an array is not an array length");
    const array: unknown[] = [];
    // The engine sets memory aside for each item up to a length of 32 million, though all are holes. Not so where an
    // array has been longer than that: from then on it holds only what is there.
    array.length = MAX_LENGTH;
    array.length = length as number;
    return array;
  },
  make(members, decoding, opened) {
    const array = opened as unknown[];
    for (const [key, value] of pairsOf(members, "entries")) {
      const name = entryName(key, array.length, decoding);
      if (Object.hasOwn(array, name)) decoding.malformed("an array has the same entry twice");
      Object.defineProperty(array, name, { value, writable: true, enumerable: true, configurable: true });
    }
  },
  segment: (slot, members) => segment(pairsOf(members, "entries")[slot.index]?.[0] as string | number),
};

/** Whether an array is what a JSON array can say: every item there, nothing beside them but its length. */
export function isDense(array: readonly unknown[]): boolean {
  const keys = Reflect.ownKeys(array);
  const { length } = array;
  // Indices come first and ascend, so the last of them tells whether all are there.
  return keys.length === length + 1 && (length === 0 || keys[length - 1] === String(length - 1));
}

const isIndex = (key: string): boolean => INDEX.test(key) && Number(key) < MAX_LENGTH;

function entryName(key: unknown, length: number, decoding: Decoding): string {
  if (typeof key === "string") {
    return isIndex(key) ? decoding.malformed("an index of an array is written as a string") : key;
  }
  const valid = Number.isInteger(key) && (key as number) >= 0 && (key as number) < length;
  return valid ? String(key) : decoding.malformed("an index of an array is not below its length");
}
