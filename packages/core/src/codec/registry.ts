import { isNativeError } from "node:util/types";
import { InvalidOptionsError } from "../errors/index.js";
import { isWellFormed } from "./json.js";
import type { Tag } from "./tag.js";
import { arrayTag } from "./tags/array.js";
import { BYTE_TYPES } from "./tags/byte-types.js";
import { bytesTag } from "./tags/bytes.js";
import { type ClassCodec, classTag, codecOf } from "./tags/class.js";
import { mapTag, setTag } from "./tags/collections.js";
import { dateTag } from "./tags/date.js";
import { domExceptionTag } from "./tags/dom-exception.js";
import { errorTag } from "./tags/error.js";
import { ERROR_TYPES } from "./tags/error-types.js";
import { objectTag } from "./tags/object.js";
import { bigintTag, numberTag, stringTag, undefinedTag } from "./tags/primitive.js";
import { regexpTag } from "./tags/regexp.js";
import { urlTag } from "./tags/url.js";

/** The closed table: which tag writes a value, and which tag a name means. */
export interface Registry {
  /** Undefined: nothing here can keep the value. Plain objects and arrays are not asked about. */
  tagOf(value: object): Tag | undefined;
  tagNamed(name: string): Tag | undefined;
  hasClass(name: string): boolean;
}

const TAGS: readonly Tag[] = [
  undefinedTag,
  numberTag,
  bigintTag,
  stringTag,
  objectTag,
  arrayTag,
  dateTag,
  mapTag,
  setTag,
  regexpTag,
  urlTag,
  errorTag,
  domExceptionTag,
  bytesTag,
];

const BY_PROTOTYPE: ReadonlyMap<object, Tag> = new Map<object, Tag>([
  [Date.prototype, dateTag],
  [Map.prototype, mapTag],
  [Set.prototype, setTag],
  [RegExp.prototype, regexpTag],
  [URL.prototype, urlTag],
  [DOMException.prototype, domExceptionTag],
  ...[...ERROR_TYPES.values()].map((type) => [type.prototype, errorTag] as const),
  ...BYTE_TYPES.map((type) => [type.prototype, bytesTag] as const),
]);

export function createRegistry(classes: readonly ClassCodec[]): Registry {
  const byClassName = new Map(classes.map((codec) => [codec.name, codec]));
  checkNames(classes, byClassName.size);
  const ofClass = classTag(byClassName);
  const byName = new Map([...TAGS, ofClass].map((tag) => [tag.name, tag]));
  return {
    tagOf(value) {
      const exact = BY_PROTOTYPE.get(Object.getPrototypeOf(value));
      if (exact !== undefined) return exact;
      if (codecOf(byClassName, value) !== undefined) return ofClass;
      return isNativeError(value) || value instanceof Error ? errorTag : undefined;
    },
    tagNamed: (name) => byName.get(name),
    hasClass: (name) => byClassName.has(name),
  };
}

function checkNames(classes: readonly ClassCodec[], distinct: number): void {
  for (const { name } of classes) {
    if (typeof name !== "string" || name === "" || !isWellFormed(name)) {
      throw new InvalidOptionsError("a class codec needs a name that is a non-empty string");
    }
  }
  if (distinct !== classes.length) {
    throw new InvalidOptionsError("two class codecs have the same name; each needs its own");
  }
}
