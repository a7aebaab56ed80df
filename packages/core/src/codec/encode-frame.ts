import type { Node } from "./cycles.js";
import type { Json, JsonArray, JsonObject } from "./json.js";
import { joinPath, segment } from "./path.js";
import type { Members, Slot, Tag } from "./tag.js";

export type Container = JsonArray | JsonObject;
export type Key = string | number;

/** An object that was met: where its JSON stands, in case something refers to it later. */
export interface Met extends Node {
  readonly json: Json;
  readonly holder: Container;
  readonly key: Key;
  /** The id of its definition, or −1 while nothing has referred to it. */
  id: number;
}

/** An object with parts that are objects themselves, which are still to be encoded. */
export interface Frame {
  readonly parent: Frame | undefined;
  /** Which child of the parent this is. */
  readonly at: number;
  readonly met: Met;
  readonly children: readonly unknown[];
  /** Where the JSON of each child goes: into which array or object, and under which key. */
  readonly holders: readonly Container[] | Container;
  readonly keys: readonly Key[];
  readonly tagged: { readonly tag: Tag; readonly members: Members } | undefined;
  next: number;
}

export function holderOf({ holders, tagged }: Frame, at: number): Container {
  return tagged === undefined ? (holders as Container) : ((holders as readonly Container[])[at] as Container);
}

/** Sets what is there already, so that no prototype has a say. */
export function replace(holder: Container, key: Key, json: Json): void {
  (holder as Record<Key, Json>)[key] = json;
}

/** The parts of a tagged value that are to be encoded, and the places prepared for them. */
export interface Parts {
  readonly children: unknown[];
  readonly holders: Container[];
  readonly keys: Key[];
}

/** Prepares the member of a tagged object that is made of encoded parts. */
export function prepareMember(
  json: JsonObject,
  slot: Pick<Slot, "member" | "kind">,
  content: unknown,
  parts: Parts,
): void {
  const add = (child: unknown, holder: Container, key: Key): void => {
    parts.children.push(child);
    parts.holders.push(holder);
    parts.keys.push(key);
  };
  if (slot.kind === "value") {
    json[slot.member] = null;
    add(content, json, slot.member);
    return;
  }
  const list: JsonArray = [];
  json[slot.member] = list;
  for (const item of content as readonly unknown[]) {
    if (slot.kind === "values") {
      add(item, list, list.length);
      list.push(null);
    } else {
      const pair: JsonArray = [null, null];
      const [key, value] = item as readonly [unknown, unknown];
      add(key, pair, 0);
      add(value, pair, 1);
      list.push(pair);
    }
  }
}

/** The path of the child `at` of a frame, as the user would write it. */
export function pathOf(frame: Frame, at: number): string {
  const segments: string[] = [];
  let index = at;
  for (let current: Frame | undefined = frame; current?.parent !== undefined; current = current.parent) {
    segments.push(segmentOf(current, index));
    index = current.at;
  }
  return joinPath(segments.reverse());
}

function segmentOf({ keys, tagged }: Frame, at: number): string {
  if (tagged === undefined) return segment(keys[at] as Key);
  const slot = slotOf(tagged.tag, tagged.members, at);
  return tagged.tag.segment?.(slot, tagged.members) ?? segment(slot.member);
}

function slotOf(tag: Tag, members: Members, at: number): Slot {
  let rest = at;
  for (const [member, { kind }] of Object.entries(tag.members)) {
    if (kind === "json" || !Object.hasOwn(members, member)) continue;
    if (kind === "value") {
      if (rest === 0) return { member, kind, index: 0, part: 0 };
      rest--;
      continue;
    }
    const width = kind === "pairs" ? 2 : 1;
    const { length } = members[member] as readonly unknown[];
    if (rest < length * width)
      return { member, kind, index: Math.floor(rest / width), part: rest % width === 0 ? 0 : 1 };
    rest -= length * width;
  }
  throw new RangeError("a tagged value has no such child");
}
