import { isProxy } from "node:util/types";
import { ContextTooDeepError, NotSerializableError } from "../errors/index.js";
import { type BlobReference, isBlobReference } from "./blob.js";
import { type Frame, pathOf, place } from "./encode-frame.js";
import { isWellFormed, type Json, type JsonArray, type JsonObject, RESERVED_KEY, setOwn } from "./json.js";
import { readOwn, refuseHidden } from "./own-properties.js";
import { segment } from "./path.js";
import { describeValue, isArrayPrototype, isObjectPrototype } from "./plain.js";
import type { Registry } from "./registry.js";
import { boundSize } from "./size.js";
import type { Encoding, Members, Slot, Tag } from "./tag.js";
import { arrayTag, isDense } from "./tags/array.js";
import { isOddKey, objectTag } from "./tags/object.js";
import { encodeNumber, encodeUndefined, splitString } from "./tags/primitive.js";

export interface EncodeLimits {
  readonly maxDepth: number;
  readonly maxBytes: number;
  readonly blobThreshold: number;
}

export interface EncodeOptions {
  /**
   * Is offered binary data of at least the threshold; returns what names it. The bytes are the value's own memory:
   * copy or write them before returning. Without it, binary data stays inline as base64.
   */
  readonly onBlob?: (bytes: Uint8Array) => BlobReference;
  /** Is told the name of each registered class that a reader of the value needs. May repeat a name. */
  readonly onClass?: (name: string) => void;
}

// Most arrays and objects have none, so they share one.
const NONE: readonly never[] = [];

/** Encodes a value, depth first and in the order of the text, with a stack of its own. */
export function encodeValue(root: unknown, registry: Registry, limits: EncodeLimits, options: EncodeOptions): Json {
  const result: JsonArray = [null];
  const size = boundSize(limits.maxBytes);
  const seen = new Map<object, Frame>();
  let nextId = 0;
  let current: Frame = {
    parent: undefined,
    at: 0,
    depth: 0,
    sealed: 0,
    json: result,
    children: [root],
    keys: [0],
    tagged: undefined,
    next: 0,
    open: true,
    id: -1,
  };
  /** The child of `current` that is being encoded. */
  let at = 0;

  const refuse: Encoding["refuse"] = (what, hint, key) => {
    const path = pathOf(current, at) + (key === undefined ? "" : segment(key));
    throw new NotSerializableError({ path, what, ...(hint !== undefined && { hint }) });
  };

  const encoding: Encoding = {
    refuse,
    offerBlob(bytes) {
      if (options.onBlob === undefined || bytes.byteLength < limits.blobThreshold) return undefined;
      const reference = options.onBlob(bytes);
      if (isBlobReference(reference) && reference.size === bytes.byteLength) return reference;
      return refuse("binary data", "onBlob must return { sha256, size } for exactly these bytes");
    },
    useClass: (name) => options.onClass?.(name),
  };

  function text(string: string): Json {
    size.addText(string.length + 2);
    if (isWellFormed(string)) return string;
    const parts = splitString(string);
    size.addText(2 * parts.length + 10);
    return { [RESERVED_KEY]: "string", parts };
  }

  function primitive(value: unknown, key?: string | number): Json {
    switch (typeof value) {
      case "string":
        return text(value);
      case "number":
        size.addNumber();
        return encodeNumber(value);
      case "boolean":
        size.addText(4);
        return value;
      case "undefined":
        size.addText(10);
        return encodeUndefined();
      case "bigint": {
        const digits = value.toString();
        size.addText(digits.length + 10);
        return { [RESERVED_KEY]: "bigint", value: digits };
      }
      case "symbol":
        return refuse("a symbol", undefined, key);
      case "function":
        return refuse("a function", undefined, key);
      default:
        size.addText(4);
        return null;
    }
  }

  function frame(
    json: JsonArray | JsonObject,
    children: readonly unknown[],
    keys: readonly (string | number)[],
    tagged: Frame["tagged"],
  ): Frame {
    const depth = current.depth + 1;
    if (depth > limits.maxDepth) throw new ContextTooDeepError({ limit: limits.maxDepth, path: pathOf(current, at) });
    const sealed = current.sealed + (tagged !== undefined && tagged.tag.open === undefined ? 1 : 0);
    return { parent: current, at, depth, sealed, json, children, keys, tagged, next: 0, open: true, id: -1 };
  }

  function plainObject(value: object): Frame {
    const names = Object.keys(value);
    if (names.some(isOddKey)) return taggedValue(objectTag, value);
    refuseHidden(value, names.length, 0, encoding);
    const json: JsonObject = {};
    const children: unknown[] = [];
    const keys: string[] = [];
    for (const name of names) {
      size.addText(name.length + 4);
      const part = readOwn(value, name, encoding);
      if (typeof part === "object" && part !== null) {
        setOwn(json, name, null);
        children.push(part);
        keys.push(name);
      } else setOwn(json, name, primitive(part, name));
    }
    return frame(json, children, keys, undefined);
  }

  function plainArray(value: readonly unknown[]): Frame {
    const keys = Object.keys(value);
    if (!isDense(value, keys)) return taggedValue(arrayTag, value);
    refuseHidden(value, keys.length, 1, encoding);
    size.addText(value.length + 1);
    const json: JsonArray = [];
    const children: unknown[] = [];
    const indices: number[] = [];
    for (let index = 0; index < value.length; index++) {
      const part = readOwn(value, index, encoding);
      if (typeof part === "object" && part !== null) {
        json.push(null);
        children.push(part);
        indices.push(index);
      } else json.push(primitive(part, index));
    }
    return frame(json, children, indices, undefined);
  }

  function taggedValue(tag: Tag, value: object): Frame {
    const members = tag.take(value, encoding);
    const json: JsonObject = { [RESERVED_KEY]: tag.name };
    size.addText(tag.name.length + 10);
    const children: unknown[] = [];
    const slots: Slot[] = [];
    for (const [member, { kind }] of Object.entries(tag.members)) {
      if (!Object.hasOwn(members, member)) continue;
      size.addText(member.length + 3);
      json[member] = emptyMember(kind, members, member, children, slots);
    }
    return frame(json, children, NONE, { tag, members, slots });
  }

  function emptyMember(kind: Slot["kind"], members: Members, member: string, children: unknown[], slots: Slot[]): Json {
    const content = members[member];
    if (kind === "json") {
      size.addText(typeof content === "string" ? content.length : 1);
      return content as Json;
    }
    if (kind === "value") {
      children.push(content);
      slots.push({ member, kind, index: 0, part: 0 });
      return null;
    }
    const items = content as readonly unknown[];
    size.addText(items.length * (kind === "pairs" ? 4 : 1));
    for (const [index, item] of items.entries()) {
      if (kind === "values") {
        children.push(item);
        slots.push({ member, kind, index, part: 0 });
      } else {
        children.push(...(item as [unknown, unknown]));
        slots.push({ member, kind, index, part: 0 }, { member, kind, index, part: 1 });
      }
    }
    return kind === "values" ? [] : items.map(() => []);
  }

  /** The frame of an object that is met for the first time. */
  function enter(value: object): Frame {
    if (isProxy(value)) return refuse("a Proxy", "pass a plain copy of what it stands for");
    const prototype: object | null = Object.getPrototypeOf(value);
    if (Array.isArray(value)) {
      return isArrayPrototype(prototype) ? plainArray(value) : refuseOrTag(value);
    }
    if (isObjectPrototype(prototype)) return plainObject(value);
    return prototype === null ? taggedValue(objectTag, value) : refuseOrTag(value);
  }

  function refuseOrTag(value: object): Frame {
    const tag = registry.tagOf(value);
    return tag === undefined ? refuse(describeValue(value)) : taggedValue(tag, value);
  }

  /** A reference to an object that was met before, which becomes a definition at its first place. */
  function refer(first: Frame): Json {
    const isSealed = first.tagged !== undefined && first.tagged.tag.open === undefined;
    if (first.open && (isSealed || current.sealed > first.sealed)) refuse(CYCLE, CYCLE_HINT);
    if (first.id === -1) {
      first.id = nextId++;
      size.addText(10);
      place(first.parent as Frame, first.at, { [RESERVED_KEY]: "def", id: first.id, value: first.json });
    }
    size.addText(10);
    return { [RESERVED_KEY]: "ref", id: first.id };
  }

  for (;;) {
    if (current.next === current.children.length) {
      current.open = false;
      if (current.parent === undefined) break;
      current = current.parent;
      continue;
    }
    at = current.next++;
    const value = current.children[at];
    if (typeof value !== "object" || value === null) {
      place(current, at, primitive(value));
      continue;
    }
    const first = seen.get(value);
    if (first !== undefined) {
      place(current, at, refer(first));
      continue;
    }
    const entered: Frame = enter(value);
    seen.set(value, entered);
    place(current, at, entered.json);
    current = entered;
  }
  const json = result[0] as Json;
  size.finish(json);
  return json;
}

const CYCLE = "a cycle through a value that cannot be rebuilt before its parts are";
const CYCLE_HINT = "let the parts of class instances not lead back to them";
