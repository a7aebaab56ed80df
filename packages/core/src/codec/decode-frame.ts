import type { Node } from "./cycles.js";
import { type Json, type JsonObject, setOwn } from "./json.js";
import { joinPath, segment } from "./path.js";
import type { MemberSpec, Members, Tag } from "./tag.js";

/** A JSON array or object that is being turned into a value. */
export interface Frame extends Node {
  readonly parent: Frame | undefined;
  /** Which child of the parent this is. */
  readonly at: number;
  readonly children: readonly Json[];
  /** For a plain object, the names of the children. */
  readonly names: readonly string[] | undefined;
  readonly tagged: TaggedFrame | undefined;
  /** What is being filled: the plain array or object, or the decoded children of a tagged value. */
  readonly target: unknown[] | object;
  /** What refers to this value, when something may. */
  readonly shared: Shared | undefined;
  next: number;
}

export interface TaggedFrame {
  readonly tag: Tag;
  /** As it stands in the text. */
  readonly json: JsonObject;
  readonly opened: object | undefined;
}

/** A value that has an id. */
export interface Shared {
  /** Undefined until there is an object that can be referred to. */
  value: object | undefined;
  /** Undefined where the value has no parts. */
  frame: Frame | undefined;
}

/** Puts a decoded child into its place. */
export function deliver(frame: Frame, at: number, value: unknown): void {
  if (frame.names === undefined) (frame.target as unknown[])[at] = value;
  else setOwn(frame.target, frame.names[at] as string, value);
}

/** The children of a tagged object, in the order of its table row. Undefined when its shape is wrong. */
export function childrenOf(json: JsonObject, tag: Tag): Json[] | undefined {
  const children: Json[] = [];
  for (const [name, spec] of Object.entries(tag.members)) {
    if (!Object.hasOwn(json, name)) {
      if (spec.optional) continue;
      return undefined;
    }
    if (!pushChildren(json[name] as Json, spec, children)) return undefined;
  }
  return children;
}

function pushChildren(json: Json, { kind }: MemberSpec, children: Json[]): boolean {
  if (kind === "json") return true;
  if (kind === "value") {
    children.push(json);
    return true;
  }
  if (!Array.isArray(json)) return false;
  for (const item of json as readonly Json[]) {
    if (kind === "values") children.push(item);
    else if (Array.isArray(item) && item.length === 2) children.push(item[0] as Json, item[1] as Json);
    else return false;
  }
  return true;
}

/** The members of a tagged object with their decoded children. */
export function membersOf(json: JsonObject, tag: Tag, decoded: readonly unknown[]): Members {
  const members: Record<string, unknown> = {};
  let next = 0;
  for (const [name, { kind }] of Object.entries(tag.members)) {
    if (!Object.hasOwn(json, name)) continue;
    const member = json[name] as Json;
    if (kind === "json") members[name] = member;
    else if (kind === "value") members[name] = decoded[next++];
    else {
      const length = (member as readonly Json[]).length;
      members[name] = Array.from({ length }, () =>
        kind === "values" ? decoded[next++] : [decoded[next++], decoded[next++]],
      );
    }
  }
  return members;
}

/** The path of the child `at` of a frame, in the JSON. Inside a tagged value it counts the children. */
export function pathOf(frame: Frame, at: number): string {
  const segments: string[] = [];
  let index = at;
  for (let current: Frame | undefined = frame; current?.parent !== undefined; current = current.parent) {
    if (current.tagged !== undefined) segments.push(`<${current.tagged.tag.name} ${index}>`);
    else segments.push(segment(current.names === undefined ? index : (current.names[index] as string)));
    index = current.at;
  }
  return joinPath(segments.reverse());
}
