import { isWellFormed, RESERVED_KEY } from "../json.js";
import { readOwn, refuseHidden } from "../own-properties.js";
import { segment } from "../path.js";
import { json, optional, pairs, pairsOf, type Tag } from "../tag.js";

/** An object that cannot stand as a JSON object: no prototype, or a key that JSON objects should not have. */
export const objectTag: Tag = {
  name: "object",
  members: { prototype: optional(json), entries: pairs },
  take(value, encoding) {
    const object = value as object;
    const keys = Object.keys(object);
    refuseHidden(object, keys.length, 0, encoding);
    const entries = keys.map((key) => [key, readOwn(object, key, encoding)]);
    return Object.getPrototypeOf(object) === null ? { prototype: null, entries } : { entries };
  },
  open(members, decoding) {
    if (!Object.hasOwn(members, "prototype")) return {};
    return members.prototype === null
      ? Object.create(null)
      : decoding.malformed('the "prototype" of an object is not null');
  },
  make(members, decoding, opened) {
    const object = opened as object;
    for (const [key, value] of pairsOf(members, "entries")) {
      if (typeof key !== "string") decoding.malformed("a key of an object is not a string");
      else if (Object.hasOwn(object, key)) decoding.malformed("an object has the same key twice");
      else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
    }
  },
  segment: (slot, members) => segment(String(pairsOf(members, "entries")[slot.index]?.[0])),
};

/** Whether a key needs its object to be written as a list of entries. */
export function isOddKey(key: string): boolean {
  return key === RESERVED_KEY || key === "__proto__" || !isWellFormed(key);
}
