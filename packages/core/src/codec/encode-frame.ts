import type { Json, JsonArray, JsonObject } from "./json.js";
import { joinPath, segment } from "./path.js";
import type { Members, Slot, Tag } from "./tag.js";

/** A value that is being taken apart: its children, how far we are, and where their JSON goes. */
export interface Frame {
  readonly parent: Frame | undefined;
  /** Which child of the parent this is. */
  readonly at: number;
  readonly depth: number;
  /** How many values are open, here and above, that can only be rebuilt when all of their parts are there. */
  readonly sealed: number;
  /** What this value becomes. */
  readonly json: JsonArray | JsonObject;
  /** The parts that are still to be encoded; in plain objects and arrays, primitive parts are in place already. */
  readonly children: readonly unknown[];
  /** Where in `json` each child goes, unless the value is tagged. */
  readonly keys: readonly (string | number)[];
  readonly tagged: TaggedFrame | undefined;
  next: number;
  open: boolean;
  /** The id of its definition, or −1 while nothing has referred to it a second time. */
  id: number;
}

export interface TaggedFrame {
  readonly tag: Tag;
  readonly members: Members;
  /** Where each child goes. */
  readonly slots: readonly Slot[];
}

/** Puts the JSON of a child into its place, which exists already: so no prototype has a say. */
export function place(frame: Frame, at: number, json: Json): void {
  if (frame.tagged === undefined) (frame.json as Record<string | number, Json>)[frame.keys[at] as string] = json;
  else placeMember(frame.json as JsonObject, frame.tagged.slots[at] as Slot, json);
}

function placeMember(target: JsonObject, { member, kind, index, part }: Slot, json: Json): void {
  if (kind === "value") target[member] = json;
  else if (kind === "values") (target[member] as JsonArray)[index] = json;
  else ((target[member] as JsonArray[])[index] as JsonArray)[part] = json;
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

function segmentOf(frame: Frame, at: number): string {
  if (frame.tagged !== undefined) {
    const { tag, members, slots } = frame.tagged;
    const slot = slots[at] as Slot;
    return tag.segment?.(slot, members) ?? segment(slot.member);
  }
  return segment(frame.keys[at] as string | number);
}
