import { ContextIntegrityError, ContextTooDeepError, NotUnderstoodError } from "../errors/index.js";
import type { BlobReference } from "./blob.js";
import { close, isForbidden, lead, outermostOpen } from "./cycles.js";
import { childrenOf, deliver, type Frame, membersOf, pathOf, type Shared } from "./decode-frame.js";
import { type Json, type JsonObject, RESERVED_KEY } from "./json.js";
import type { Registry } from "./registry.js";
import { tooLarge } from "./size.js";
import type { Decoding, Tag } from "./tag.js";

export interface DecodeLimits {
  readonly maxDepth: number;
  readonly maxBytes: number;
}

export interface DecodeOptions {
  /** Reads a blob whose hash the caller has verified. Its bytes are copied, so a cache may keep them. */
  readonly blob?: (reference: BlobReference) => Uint8Array;
}

const TAG_NAME = /^[a-z][a-z0-9-]{0,31}$/;

/** Decodes a value, depth first and in the order of the text, with a stack of its own. */
export function decodeJson(root: Json, registry: Registry, limits: DecodeLimits, options: DecodeOptions): unknown {
  const result: unknown[] = [];
  const ids = new Map<number, Shared>();
  let characters = 0;
  let current: Frame = {
    parent: undefined,
    at: 0,
    depth: 0,
    sealed: 0,
    isSealed: false,
    open: true,
    leadsTo: undefined,
    children: [root],
    names: undefined,
    tagged: undefined,
    target: result,
    shared: undefined,
    next: 0,
  };
  /** The child of `current` that is being decoded. */
  let at = 0;

  const malformed: Decoding["malformed"] = (what, cause) => {
    const message = `an encoded value is malformed: ${what}, at ${pathOf(current, at)}`;
    throw new ContextIntegrityError(message, { cause });
  };

  const decoding: Decoding = {
    malformed,
    readBlob(reference) {
      if (options.blob !== undefined) return options.blob(reference);
      throw new ContextIntegrityError(`the blob ${reference.sha256} is needed, and no reader of blobs was given`);
    },
  };

  function count(length: number): void {
    characters += length;
    if (characters > limits.maxBytes) throw tooLarge(limits.maxBytes);
  }

  function frame(
    children: readonly Json[],
    names: readonly string[] | undefined,
    tagged: Frame["tagged"],
    target: unknown[] | object,
    shared: Shared | undefined,
  ): Frame {
    const depth = current.depth + 1;
    if (depth > limits.maxDepth) throw new ContextTooDeepError({ limit: limits.maxDepth, path: pathOf(current, at) });
    count(children.length + 1);
    const isSealed = tagged !== undefined && tagged.opened === undefined;
    const sealed = current.sealed + (isSealed ? 1 : 0);
    const entered: Frame = {
      parent: current,
      at,
      depth,
      sealed,
      isSealed,
      open: true,
      leadsTo: undefined,
      children,
      names,
      tagged,
      target,
      shared,
      next: 0,
    };
    if (shared !== undefined) shared.frame = entered;
    return entered;
  }

  /** Enters an array or object; for a reference, delivers what it refers to. */
  function enter(json: JsonObject | readonly Json[], shared: Shared | undefined): Frame | undefined {
    if (Array.isArray(json)) {
      const target: unknown[] = [];
      if (shared !== undefined) shared.value = target;
      return frame(json, undefined, undefined, target, shared);
    }
    const object = json as JsonObject;
    if (Object.hasOwn(object, RESERVED_KEY)) return enterTagged(object, shared);
    const names = Object.keys(object);
    const children: Json[] = [];
    for (const name of names) {
      count(name.length);
      children.push(object[name] as Json);
    }
    const target = {};
    if (shared !== undefined) shared.value = target;
    return frame(children, names, undefined, target, shared);
  }

  function enterTagged(json: JsonObject, shared: Shared | undefined): Frame | undefined {
    const name = json[RESERVED_KEY];
    if (typeof name !== "string" || !TAG_NAME.test(name)) return malformed("the reserved key holds no tag");
    if (name === "def" || name === "ref") {
      if (shared !== undefined) return malformed(`a def holds a ${name}`);
      return name === "def" ? define(json) : refer(json);
    }
    const tag = registry.tagNamed(name);
    if (tag === undefined) throw new NotUnderstoodError(`the tag ${JSON.stringify(name)} of an encoded value`);
    for (const key of Object.keys(json)) {
      if (key !== RESERVED_KEY && !Object.hasOwn(tag.members, key)) malformed(`"${name}" has a member too many`);
    }
    const children = childrenOf(json, tag);
    if (children === undefined) return malformed(`the members of "${name}" are not those of its table row`);
    count(name.length);
    const opened = tag.open?.(jsonMembers(json, tag), decoding);
    if (shared !== undefined) shared.value = opened;
    if (children.length > 0) return frame(children, undefined, { tag, json, opened }, [], shared);
    finish(current, at, shared, make(tag, json, [], opened));
    return undefined;
  }

  function make(tag: Tag, json: JsonObject, decoded: readonly unknown[], opened: object | undefined): unknown {
    const made = tag.make(membersOf(json, tag, decoded), decoding, opened);
    return opened ?? made;
  }

  function finish(parent: Frame, index: number, shared: Shared | undefined, value: unknown): void {
    if (shared !== undefined) {
      if (typeof value !== "object" || value === null) malformed("a def holds a primitive value");
      shared.value = value;
    }
    deliver(parent, index, value);
  }

  function define(json: JsonObject): Frame | undefined {
    const { id, value } = json;
    if (!isId(id) || value === undefined || Object.keys(json).length !== 3)
      return malformed('"def" is not { id, value }');
    if (ids.has(id)) return malformed("an id is defined twice");
    if (typeof value !== "object" || value === null) return malformed("a def holds a primitive value");
    const shared: Shared = { value: undefined, frame: undefined };
    ids.set(id, shared);
    return enter(value as JsonObject, shared);
  }

  function refer(json: JsonObject): undefined {
    const { id } = json;
    if (!isId(id) || Object.keys(json).length !== 2) return malformed('"ref" is not { id }');
    const shared = ids.get(id);
    if (shared === undefined) return malformed("an id is used before it is defined");
    const target = shared.frame === undefined ? undefined : outermostOpen(shared.frame);
    if (shared.value === undefined || (target !== undefined && isForbidden(current, target))) {
      return malformed("a cycle leads through a value that cannot be made before its parts are");
    }
    if (target !== undefined) lead(current, target);
    count(1);
    deliver(current, at, shared.value);
  }

  for (;;) {
    if (current.next === current.children.length) {
      const { parent, tagged, target, shared } = current;
      if (parent === undefined) break;
      const done = current;
      close(done, parent);
      current = parent;
      at = done.at;
      finish(
        parent,
        done.at,
        shared,
        tagged === undefined ? target : make(tagged.tag, tagged.json, target as unknown[], tagged.opened),
      );
      continue;
    }
    at = current.next++;
    const json = current.children[at] as Json;
    if (typeof json !== "object" || json === null) {
      count(typeof json === "string" ? json.length : 1);
      deliver(current, at, json);
      continue;
    }
    current = enter(json, undefined) ?? current;
  }
  return result[0];
}

const isId = (id: Json | undefined): id is number => Number.isSafeInteger(id) && (id as number) >= 0;

/** The members that are already plain, which is what an empty value is made from. */
function jsonMembers(json: JsonObject, tag: Tag): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([name]) => tag.members[name]?.kind === "json"));
}
