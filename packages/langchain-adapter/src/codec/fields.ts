import type { ClassCodec } from "@agenthandoff/core";
import { mirrorParts, restoreMirror } from "./mirror.js";
import { isPlainObject, setOwn } from "./plain.js";
import type { ClassTable } from "./twin.js";

/** One class, described by what every new instance has. */
export interface ClassShape {
  /** Written to storage: never changes. */
  readonly name: string;
  /** A new instance, with `undefined` where each instance has a value of its own. */
  readonly template: object;
  /** The property that repeats the arguments of the constructor. */
  readonly mirror?: PropertyKey;
  /** Symbols that mark every instance, always with the value `true`. */
  readonly marks?: readonly symbol[];
}

const MIRROR_PART = "lc_kwargs";
const ABSENT_PART = "lc_absent";
/** Chunks compute these from `tool_call_chunks` when they are first read. */
const LAZY = new Set(["tool_calls", "invalid_tool_calls"]);

/** Whether a field is what every new instance has, so that it need not be written. */
function isDefault(value: unknown, standard: unknown): boolean {
  if (Object.is(value, standard)) return true;
  if (Array.isArray(standard)) {
    const plain = Array.isArray(value) && Object.getPrototypeOf(value) === Array.prototype;
    if (!plain || Reflect.ownKeys(value).length !== standard.length + 1) return false;
    return value.length === standard.length && value.every((item, index) => item === standard[index]);
  }
  return isPlainObject(standard) && isPlainObject(value) && Reflect.ownKeys(value).length === 0;
}

function copyOfDefault(standard: unknown): unknown {
  if (Array.isArray(standard)) return [...standard];
  return isPlainObject(standard) ? {} : standard;
}

/** Reads an own property. Accessors are refused: what they would say later is not known. */
function readField(instance: object, key: string): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(instance, key);
  if (descriptor?.enumerable !== true) throw new TypeError(`its property ${JSON.stringify(key)} is hidden`);
  if ("value" in descriptor) return descriptor.value;
  if (LAZY.has(key)) return (instance as Record<string, unknown>)[key];
  throw new TypeError(`its property ${JSON.stringify(key)} is an accessor`);
}

/** A codec that writes an instance field by field, and puts it together again without running its constructor. */
export function fieldCodec(shape: ClassShape, table: () => ClassTable): ClassCodec<object> {
  const template = shape.template as Readonly<Record<string, unknown>>;
  const standard = Object.keys(template).filter((key) => key !== shape.mirror);
  const isMark = (key: symbol) => key === shape.mirror || (shape.marks?.includes(key) ?? false);

  return {
    name: shape.name,
    is: (value): value is object => table().nameOf(value) === shape.name,
    encode(instance) {
      const fields: Record<string, unknown> = {};
      const parts: Record<string, unknown> = {};
      for (const key of Reflect.ownKeys(instance)) {
        if (typeof key === "symbol") {
          if (!isMark(key)) throw new TypeError("it has a property whose key is a symbol");
        } else if (key !== shape.mirror) {
          if (key === MIRROR_PART || key === ABSENT_PART) throw new TypeError(`it has a property ${key} of its own`);
          const value = readField(instance, key);
          setOwn(fields, key, value);
          if (!Object.hasOwn(template, key) || !isDefault(value, template[key])) setOwn(parts, key, value);
        }
      }
      const absent = standard.filter((key) => !Object.hasOwn(fields, key));
      if (absent.length > 0) parts[ABSENT_PART] = absent;
      if (shape.mirror !== undefined) {
        const mirror = mirrorParts((instance as Record<PropertyKey, unknown>)[shape.mirror], fields);
        if (mirror !== undefined) parts[MIRROR_PART] = mirror;
      }
      return parts;
    },
    decode(parts) {
      if (!isPlainObject(parts)) throw new TypeError("the parts are not an object");
      const instance = Object.create(Object.getPrototypeOf(shape.template) as object) as Record<string, unknown>;
      const absent = parts[ABSENT_PART] ?? [];
      if (!Array.isArray(absent)) throw new TypeError(`${ABSENT_PART} is not an array`);
      for (const mark of shape.marks ?? []) setOwn(instance, mark, true);
      for (const key of standard) {
        if (!absent.includes(key)) setOwn(instance, key, copyOfDefault(template[key]));
      }
      for (const [key, value] of Object.entries(parts)) {
        if (key !== MIRROR_PART && key !== ABSENT_PART) setOwn(instance, key, value);
      }
      if (shape.mirror !== undefined) setOwn(instance, shape.mirror, restoreMirror(parts[MIRROR_PART], instance));
      return instance;
    },
  };
}
