import { describe, expect, it } from "vitest";
import { BLOB_THRESHOLD_BYTES, MAX_JSON_BYTES, MAX_JSON_DEPTH, MAX_VALUE_BYTES, MAX_VALUE_DEPTH } from "./json.js";
import { hop } from "./testing/round-trip.js";

/** Whether a property is what assigning it would have made. */
const isOrdinary = (owner: object, key: PropertyKey): boolean => {
  const found = Object.getOwnPropertyDescriptor(owner, key);
  return found?.writable === true && found.enumerable === true && found.configurable === true;
};

describe("a decoded value is the agent's own", () => {
  it.each<[string, object, PropertyKey]>([
    ["a plain object", { a: 1 }, "a"],
    ["an object with a reserved name", { $ah: 1 }, "$ah"],
    ["an object with __proto__ of its own", JSON.parse('{"__proto__":1}') as object, "__proto__"],
    ["an object with an inherited name", { toString: 1 }, "toString"],
    ["an object without a prototype", Object.assign(Object.create(null) as object, { a: 1 }), "a"],
    ["an array", [1], 0],
    ["an array with holes", Object.assign(Array(3), { 1: 1 }), 1],
    ["an array with a name", Object.assign([1], { name: 1 }), "name"],
    ["an error's property", Object.assign(new Error("m"), { own: 1 }), "own"],
  ])("to change and to delete from: %s", (_what, value, key) => {
    const back = hop(value) as object;
    expect(isOrdinary(back, key)).toBe(true);
  });

  it("with an error's message, stack and cause hidden, and as free", () => {
    const error = hop(Object.defineProperty(new Error("m", { cause: 1 }), "secret", { value: 1 })) as object;
    for (const key of ["message", "stack", "cause", "secret"]) {
      const found = Object.getOwnPropertyDescriptor(error, key);
      expect({ key, ...found, value: undefined }).toEqual({
        key,
        value: undefined,
        writable: true,
        enumerable: false,
        configurable: true,
      });
    }
  });
});

describe("the bounds of values", () => {
  it("are those of the protocol", () => {
    expect({ MAX_VALUE_DEPTH, MAX_VALUE_BYTES, MAX_JSON_DEPTH, MAX_JSON_BYTES, BLOB_THRESHOLD_BYTES }).toEqual({
      MAX_VALUE_DEPTH: 10_000,
      MAX_VALUE_BYTES: 67_108_864,
      MAX_JSON_DEPTH: 50_000,
      MAX_JSON_BYTES: 68_157_440,
      BLOB_THRESHOLD_BYTES: 65_536,
    });
  });
});
