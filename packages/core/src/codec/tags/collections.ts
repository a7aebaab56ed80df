import { isMap, isSet } from "node:util/types";
import { refuseExtras } from "../own-properties.js";
import { quote } from "../path.js";
import { pairs, pairsOf, type Slot, type Tag, values } from "../tag.js";

export const mapTag: Tag = {
  name: "map",
  members: { entries: pairs },
  take(value, encoding) {
    if (!isMap(value)) return encoding.refuse("an object that only looks like a Map");
    refuseExtras(value, "a Map", encoding);
    return { entries: [...value] };
  },
  open: () => new Map(),
  make(members, decoding, opened) {
    const map = opened as Map<unknown, unknown>;
    const entries = pairsOf(members, "entries");
    for (const [key, item] of entries) map.set(key, item);
    if (map.size !== entries.length) decoding.malformed("a map has the same key twice");
  },
  segment(slot: Slot, members) {
    if (slot.part === 0) return `<key ${slot.index}>`;
    const key = pairsOf(members, "entries")[slot.index]?.[0];
    return typeof key === "string" ? `.get(${quote(key)})` : `<value ${slot.index}>`;
  },
};

export const setTag: Tag = {
  name: "set",
  members: { values },
  take(value, encoding) {
    if (!isSet(value)) return encoding.refuse("an object that only looks like a Set");
    refuseExtras(value, "a Set", encoding);
    return { values: [...value] };
  },
  open: () => new Set(),
  make(members, decoding, opened) {
    const set = opened as Set<unknown>;
    const items = members.values as readonly unknown[];
    for (const item of items) set.add(item);
    if (set.size !== items.length) decoding.malformed("a set has the same value twice");
  },
  segment: (slot) => `<item ${slot.index}>`,
};
