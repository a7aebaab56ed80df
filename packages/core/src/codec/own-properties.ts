import type { Encoding } from "./tag.js";

// Both stop at an own property, and cost a tenth of a property descriptor.
type Lookup = (this: object, key: PropertyKey) => unknown;
const legacy = Object.prototype as unknown as { __lookupGetter__: Lookup; __lookupSetter__: Lookup };
const lookupGetter = legacy.__lookupGetter__;
const lookupSetter = legacy.__lookupSetter__;

/** The value of an own enumerable data property. Refuses accessors: what they would say later is not known. */
export function readOwn(owner: object, key: string | number, encoding: Encoding): unknown {
  if (lookupGetter.call(owner, key) === undefined) {
    const value = (owner as Record<PropertyKey, unknown>)[key];
    if (value !== undefined || lookupSetter.call(owner, key) === undefined) return value;
  }
  return encoding.refuse("an accessor (a getter or setter)", "pass its present value as plain data", key);
}

/** Refuses own properties that no member of a tag would carry: symbols, and hidden (non-enumerable) names. */
export function refuseHidden(owner: object, enumerable: number, expectedHidden: number, encoding: Encoding): void {
  if (Object.getOwnPropertySymbols(owner).length > 0) {
    encoding.refuse("a property whose key is a symbol", "use a string as the key");
  }
  if (Object.getOwnPropertyNames(owner).length !== enumerable + expectedHidden) {
    encoding.refuse("a hidden (non-enumerable) property of a value", "make the property enumerable, or remove it");
  }
}

/** Refuses every own property except the named ones: built-in values carry their data elsewhere. */
export function refuseExtras(owner: object, what: string, encoding: Encoding, allowed?: string): void {
  for (const key of Reflect.ownKeys(owner)) {
    if (key !== allowed) {
      const name = typeof key === "symbol" ? "a symbol" : JSON.stringify(key);
      encoding.refuse(`the extra property ${name} of ${what}`, "keep it beside the value, in a plain object");
    }
  }
}
