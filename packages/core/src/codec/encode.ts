import { isProxy } from "node:util/types";
import { ContextTooDeepError, NotSerializableError } from "../errors/index.js";
import { type BlobReference, isBlobReference } from "./blob.js";
import { close, isForbidden, lead, outermostOpen } from "./cycles.js";
import {
  type Container,
  type Frame,
  holderOf,
  type Key,
  type Met,
  type Parts,
  pathOf,
  prepareMember,
  replace,
} from "./encode-frame.js";
import { isWellFormed, type Json, type JsonArray, type JsonObject, RESERVED_KEY, setOwn } from "./json.js";
import { readOwn, refuseHidden } from "./own-properties.js";
import { segment } from "./path.js";
import { describeValue, isArrayPrototype, isObjectPrototype } from "./plain.js";
import type { Registry } from "./registry.js";
import { boundSize } from "./size.js";
import type { Encoding, Tag } from "./tag.js";
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

/** Encodes a value, depth first and in the order of the text, with a stack of its own. */
export function encodeValue(root: unknown, registry: Registry, limits: EncodeLimits, options: EncodeOptions): Json {
  const result: JsonArray = [null];
  const size = boundSize(limits.maxBytes);
  const met = new Map<object, Met>();
  let nextId = 0;
  let current: Frame = {
    parent: undefined,
    at: 0,
    met: {
      json: result,
      holder: result,
      key: 0,
      depth: 0,
      sealed: 0,
      isSealed: false,
      open: true,
      leadsTo: undefined,
      id: -1,
    },
    children: [root],
    holders: result,
    keys: [0],
    tagged: undefined,
    next: 0,
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

  function primitive(value: unknown, key?: Key): Json {
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

  /** Puts the JSON of a new object into its place, and goes on with those of its parts that are objects. */
  function settle(value: object, json: Container, parts: Parts | undefined, tagged: Frame["tagged"]): void {
    const depth = current.met.depth + 1;
    if (depth > limits.maxDepth) throw new ContextTooDeepError({ limit: limits.maxDepth, path: pathOf(current, at) });
    const isSealed = tagged !== undefined && tagged.tag.open === undefined;
    const sealed = current.met.sealed + (isSealed ? 1 : 0);
    const holder = holderOf(current, at);
    const key = current.keys[at] as Key;
    const entry: Met = {
      json,
      holder,
      key,
      depth,
      sealed,
      isSealed,
      open: parts !== undefined,
      leadsTo: undefined,
      id: -1,
    };
    met.set(value, entry);
    replace(holder, key, json);
    if (parts === undefined) return;
    const { children, holders, keys } = parts;
    current = {
      parent: current,
      at,
      met: entry,
      children,
      holders: tagged === undefined ? json : holders,
      keys,
      tagged,
      next: 0,
    };
  }

  function plainObject(value: object): void {
    const names = Object.keys(value);
    if (names.some(isOddKey)) {
      taggedValue(objectTag, value);
      return;
    }
    refuseHidden(value, names.length, 0, encoding);
    const json: JsonObject = {};
    let parts: Parts | undefined;
    for (const name of names) {
      size.addText(name.length + 4);
      const part = readOwn(value, name, encoding);
      if (typeof part === "object" && part !== null) {
        setOwn(json, name, null);
        parts = addPart(parts, part, name);
      } else setOwn(json, name, primitive(part, name));
    }
    settle(value, json, parts, undefined);
  }

  function plainArray(value: readonly unknown[]): void {
    if (!isDense(value)) {
      taggedValue(arrayTag, value);
      return;
    }
    size.addText(value.length + 1);
    const json: JsonArray = [];
    let parts: Parts | undefined;
    for (let index = 0; index < value.length; index++) {
      const part = readOwn(value, index, encoding);
      if (typeof part === "object" && part !== null) {
        json.push(null);
        parts = addPart(parts, part, index);
      } else json.push(primitive(part, index));
    }
    settle(value, json, parts, undefined);
  }

  function taggedValue(tag: Tag, value: object): void {
    const members = tag.take(value, encoding);
    const json: JsonObject = { [RESERVED_KEY]: tag.name };
    size.addText(tag.name.length + 10);
    const parts: Parts = { children: [], holders: [], keys: [] };
    for (const [member, { kind }] of Object.entries(tag.members)) {
      if (!Object.hasOwn(members, member)) continue;
      const content = members[member];
      size.addText(member.length + 3);
      if (kind === "json") {
        size.addText(typeof content === "string" ? content.length : 1);
        json[member] = content as Json;
      } else {
        if (kind !== "value") size.addText((content as readonly unknown[]).length * (kind === "pairs" ? 4 : 1));
        prepareMember(json, { member, kind }, content, parts);
      }
    }
    settle(value, json, parts.children.length === 0 ? undefined : parts, { tag, members });
  }

  /** Encodes an object that is met for the first time. */
  function enter(value: object): void {
    if (isProxy(value)) refuse("a Proxy", "pass a plain copy of what it stands for");
    const prototype: object | null = Object.getPrototypeOf(value);
    const isArray = Array.isArray(value);
    if (isArray && isArrayPrototype(prototype)) plainArray(value);
    else if (!isArray && isObjectPrototype(prototype)) plainObject(value);
    else {
      const tag = prototype === null && !isArray ? objectTag : registry.tagOf(value);
      if (tag === undefined) refuse(describeValue(value));
      else taggedValue(tag, value);
    }
  }

  /** A reference to an object that was met before, which becomes a definition at its first place. */
  function refer(first: Met): Json {
    const target = outermostOpen(first);
    if (target !== undefined) {
      if (isForbidden(current.met, target)) refuse(CYCLE, CYCLE_HINT);
      lead(current.met, target);
    }
    if (first.id === -1) {
      first.id = nextId++;
      size.addText(10);
      replace(first.holder, first.key, { [RESERVED_KEY]: "def", id: first.id, value: first.json });
    }
    size.addText(10);
    return { [RESERVED_KEY]: "ref", id: first.id };
  }

  for (;;) {
    if (current.next === current.children.length) {
      close(current.met, current.parent?.met);
      if (current.parent === undefined) break;
      current = current.parent;
      continue;
    }
    at = current.next++;
    const value = current.children[at];
    if (typeof value !== "object" || value === null) {
      replace(holderOf(current, at), current.keys[at] as Key, primitive(value));
      continue;
    }
    const first = met.get(value);
    if (first === undefined) enter(value);
    else replace(holderOf(current, at), current.keys[at] as Key, refer(first));
  }
  const json = result[0] as Json;
  size.finish(json);
  return json;
}

function addPart(parts: Parts | undefined, child: unknown, key: Key): Parts {
  if (parts === undefined) return { children: [child], holders: NONE, keys: [key] };
  parts.children.push(child);
  parts.keys.push(key);
  return parts;
}

// The parts of a plain object all go into its JSON, which needs not be said for each.
const NONE: Container[] = [];

const CYCLE = "a cycle through a value that cannot be rebuilt before its parts are";
const CYCLE_HINT = "let the parts of class instances not lead back to them";
