import { type Decoding, type Encoding, type Members, pairsOf } from "../tag.js";

export interface ErrorProperties {
  readonly properties: [string, unknown][];
  readonly hidden: [string, unknown][];
}

/**
 * The own properties of an error, apart from those that `named` has taken. Hidden functions and symbols are
 * behaviour, not data (Node gives them to its own errors), and are left out; everything else is kept or refused.
 */
export function errorProperties(error: object, named: Members, encoding: Encoding): ErrorProperties {
  const properties: [string, unknown][] = [];
  const hidden: [string, unknown][] = [];
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(error))) {
    if (!descriptor.enumerable && Object.hasOwn(named, key)) continue;
    if (!("value" in descriptor)) {
      encoding.refuse("an accessor (a getter or setter)", "pass its present value as plain data", key);
    } else if (descriptor.enumerable) {
      properties.push([key, descriptor.value]);
    } else if (typeof descriptor.value !== "function") {
      hidden.push([key, descriptor.value]);
    }
  }
  for (const symbol of Object.getOwnPropertySymbols(error)) {
    if (Object.prototype.propertyIsEnumerable.call(error, symbol)) {
      encoding.refuse("a property whose key is a symbol", "use a string as the key");
    }
  }
  return { properties, hidden };
}

/** Leaves out lists that are empty, so that an ordinary error stays short. */
export function withoutEmpty({ properties, hidden }: ErrorProperties): Members {
  return { ...(properties.length > 0 && { properties }), ...(hidden.length > 0 && { hidden }) };
}

/** Sets the hidden property `key` when the member is there, and removes it when not. */
export function restoreHidden(error: object, members: Members, key: string): void {
  if (Object.hasOwn(members, key)) defineHidden(error, key, members[key]);
  else Reflect.deleteProperty(error, key);
}

export function restoreProperties(error: object, members: Members, decoding: Decoding): void {
  const names = new Set<string>();
  for (const list of ["properties", "hidden"]) {
    for (const [key, value] of pairsOf(members, list)) {
      if (typeof key !== "string") decoding.malformed("a key of an error is not a string");
      if (names.has(key)) decoding.malformed("an error has the same property twice");
      names.add(key);
      if (list === "hidden") defineHidden(error, key, value);
      else Object.defineProperty(error, key, { value, writable: true, enumerable: true, configurable: true });
    }
  }
}

function defineHidden(error: object, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, enumerable: false, configurable: true });
}
