import { describe, expect, it } from "vitest";
import { NotSerializableError } from "../errors/index.js";
import { type ClassCodec, canonicalJson, canonicalValue, createCodec, parseJson } from "./index.js";
import { Box } from "./testing/recipe.js";
import { testCodec } from "./testing/round-trip.js";

// Who wrote an agent has these words to find what it returned that cannot be kept, and what to do about it.

const refusal = (value: unknown, codec = testCodec): string => {
  try {
    codec.encode(value);
  } catch (error) {
    if (error instanceof NotSerializableError) return error.message;
    throw error;
  }
  throw new Error("was encoded");
};

const like = (type: { prototype: object }): unknown => Object.create(type.prototype);
const extra = (value: object): unknown => Object.assign(value, { more: 1 });
const detached = new ArrayBuffer(8);
structuredClone(detached, { transfer: [detached] });
const instanceOf = (name: string): unknown => Object.create({ constructor: { name } });
const getter = Object.defineProperty({}, "a", { get: () => 1, enumerable: true });

describe("a refusal says what cannot be kept, and what to do", () => {
  it.each<[string, unknown, string?]>([
    ["a function", () => 1],
    ["a symbol", Symbol("s")],
    ["a Proxy", new Proxy({}, {}), "pass a plain copy of what it stands for"],
    ["an object that only looks like a Map", like(Map)],
    ["an object that only looks like a Set", like(Set)],
    ["an object that only looks like a Date", like(Date)],
    ["an object that only looks like a RegExp", like(RegExp)],
    ["an object that only looks like a URL", like(URL)],
    ["an object that only looks like a DOMException", like(DOMException)],
    ["an object that only looks like a Uint8Array", like(Uint8Array)],
    ['the extra property "more" of a Map', extra(new Map()), "keep it beside the value, in a plain object"],
    ['the extra property "more" of a Set', extra(new Set())],
    ['the extra property "more" of a Date', extra(new Date(0))],
    ['the extra property "more" of a RegExp', extra(/a/)],
    ['the extra property "more" of a URL', extra(new URL("a:b"))],
    ['the extra property "more" of a DataView', extra(new DataView(new ArrayBuffer(1)))],
    ["an extra property of a Uint8Array", extra(new Uint8Array(1)), "keep it beside the value"],
    ["the extra property a symbol of a Date", Object.assign(new Date(0), { [Symbol("s")]: 1 })],
    ["a RegExp whose lastIndex is not an integer", Object.assign(/a/, { lastIndex: 0.5 }), "set lastIndex to 0"],
    ["shared memory (a SharedArrayBuffer)", new Uint8Array(new SharedArrayBuffer(1)), "pass a copy of its bytes"],
    ["a resizable ArrayBuffer", Reflect.construct(ArrayBuffer, [1, { maxByteLength: 2 }]), "pass a copy of its bytes"],
    ["an accessor (a getter or setter)", getter, "pass its present value as plain data"],
    [
      "an accessor (a getter or setter)",
      Object.defineProperty(new Error("m"), "a", { get: () => 1, enumerable: true }),
      "pass its present value as plain data",
    ],
    ["a detached ArrayBuffer", detached, "pass it before it is transferred"],
    ["a property whose key is a symbol", { [Symbol("s")]: 1 }, "use a string as the key"],
    [
      "a property whose key is a symbol",
      Object.assign(new Error("m"), { [Symbol("s")]: 1 }),
      "use a string as the key",
    ],
    [
      "a hidden (non-enumerable) property of a value",
      Object.defineProperty({}, "x", { value: 1 }),
      "make the property enumerable, or remove it",
    ],
    [
      "an error that cannot be put into words",
      Object.defineProperty(new Error("m"), "message", { value: Symbol("s") }),
      "its name and message must be texts",
    ],
    ["an instance of Socket, a class that is not registered,", new (class Socket {})()],
    ["an instance of an unnamed class", new (class {})()],
    [`an instance of ${"N".repeat(80)},`, instanceOf("N".repeat(80))],
    ["an instance of an unnamed class", instanceOf("N".repeat(81))],
    ["an instance of an unnamed class", Object.create({ constructor: { name: 7 } })],
  ])("%s", (what, value, hint = "") => {
    expect(refusal({ here: [value] })).toContain("$.here[0]");
    expect(refusal({ here: [value] })).toContain(what);
    expect(refusal({ here: [value] })).toContain(hint);
  });

  it("of a cycle that no reader could rebuild", () => {
    const box: Box = new Box([]);
    (box.content as unknown[]).push(box);
    expect(refusal(box)).toContain("a cycle through a value that cannot be rebuilt before its parts are");
    expect(refusal(box)).toContain("let the parts of class instances not lead back to them");
  });

  it("of a registered class, in the words of its codec, whatever that throws", () => {
    const failing = (thrown: unknown): ClassCodec<Box> => ({
      name: "box",
      is: (value): value is Box => value instanceof Box,
      encode() {
        throw thrown;
      },
      decode() {
        throw thrown;
      },
    });
    for (const thrown of [new Error("it is open"), "it is open"]) {
      const codec = createCodec({ classes: [failing(thrown)] });
      expect(refusal(new Box(1), codec)).toContain("an instance of box");
      expect(refusal(new Box(1), codec)).toContain("its codec says: it is open");
      expect(() => codec.decode({ $ah: "class", name: "box", value: 1 })).toThrow("the codec of box refused its parts");
    }
    const own = new NotSerializableError({ path: "$", what: "my own words" });
    const codec = createCodec({ classes: [failing(own)] });
    expect(() => codec.encode(new Box(1))).toThrow(own);
    expect(() => codec.decode({ $ah: "class", name: "box", value: 1 })).toThrow(own);
  });

  it("of a class or a tag that this reader does not have", () => {
    expect(() => testCodec.decode({ $ah: "class", name: "Strange", value: 1 })).toThrow('the class "Strange"');
    expect(() => testCodec.decode({ $ah: "class", name: "Strange", value: 1 })).toThrow("register it");
    expect(() => testCodec.decode({ $ah: "wings" })).toThrow('the tag "wings" of an encoded value');
  });

  it("of a blob that is not what its reference says, or cannot be read", () => {
    const bytes = { $ah: "bytes", type: "Uint8Array", blob: { sha256: "a".repeat(64), size: 2 } };
    expect(() => testCodec.decode(bytes)).toThrow(`the blob ${"a".repeat(64)} is needed, and no reader of blobs`);
    expect(() => testCodec.decode(bytes, { blob: () => new Uint8Array(3) })).toThrow("a blob has not the size");
    const onBlob = () => ({ sha256: "a".repeat(64), size: 99 });
    expect(() => createCodec({ blobThreshold: 1 }).encode(new Uint8Array(3), { onBlob })).toThrow(
      "onBlob must return { sha256, size } for exactly these bytes",
    );
  });

  it("of a value that is to be hashed", () => {
    const cycle: Record<string, unknown> = { a: [0] };
    (cycle.a as unknown[]).push(cycle);
    expect(() => canonicalValue(testCodec, { x: cycle })).toThrow("$.x.a[1]");
    expect(() => canonicalValue(testCodec, { x: cycle })).toThrow("a cycle in a value that is to be hashed");
    expect(() => canonicalValue(testCodec, { x: cycle })).toThrow("pass a value that does not contain itself");
    expect(() => canonicalValue(testCodec, "xxx", { maxBytes: 4 })).toThrow("the canonical JSON of a value");
    expect(() => canonicalValue(testCodec, "xxx", { maxBytes: 4 })).toThrow("pass less, or a hash of it");
    expect(canonicalValue(testCodec, "xxx", { maxBytes: 5 })).toBe('"xxx"');
    expect(() => canonicalValue(testCodec, "ééé", { maxBytes: 7 })).toThrow("the canonical JSON of a value");
    expect(() => canonicalJson(Number.NaN)).toThrow("the number NaN");
    expect(() => canonicalJson("\ud800")).toThrow("a lone surrogate in a string");
    expect(() => canonicalJson("\ud800")).toThrow("encode the value first");
  });

  it("of options that make no sense", () => {
    for (const name of ["maxDepth", "maxBytes", "blobThreshold"])
      for (const value of [0, -1, 0.5, Number.NaN])
        expect(() => createCodec({ [name]: value })).toThrow(`the codec's ${name} must be a positive integer`);
    const codec: ClassCodec<Box> = {
      name: "box",
      is: (value): value is Box => value instanceof Box,
      encode: () => 1,
      decode: () => new Box(1),
    };
    expect(() => createCodec({ classes: [codec, codec] })).toThrow("two class codecs have the same name");
    for (const name of ["", 7, "\ud800"])
      expect(() => createCodec({ classes: [{ ...codec, name: name as string }] })).toThrow("a non-empty string");
  });

  it("of a JSON text, with the place and without its content", () => {
    expect(() => parseJson('{"secret" 1}')).toThrow(/^a text is not JSON, at character 10$/);
    expect(() => parseJson('{"secret"')).toThrow(/^a text is not JSON(, at character 9)?$/);
    expect(() => parseJson('{"a":1,"a":2}')).toThrow("an object in which a name occurs twice");
    expect(() => parseJson("[1, 12345678901234567]")).toThrow("a number that a float64 does not, at character 4");
    expect(() => parseJson('"four"', { maxBytes: 5 })).toThrow("a JSON text");
    expect(parseJson('"four"', { maxBytes: 6 })).toBe("four");
    expect(parseJson('"é"', { maxBytes: 4 })).toBe("é");
    expect(() => parseJson('"é"', { maxBytes: 3 })).toThrow(expect.objectContaining({ code: "CONTEXT_TOO_LARGE" }));
  });
});
