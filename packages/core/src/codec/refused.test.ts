import { createContext, runInContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { HandoffError, NotSerializableError } from "../errors/index.js";
import { type ClassCodec, createCodec } from "./index.js";
import { Box } from "./testing/recipe.js";
import { hop, testCodec } from "./testing/round-trip.js";

function refusal(value: unknown, codec = testCodec): NotSerializableError {
  try {
    codec.encode(value);
  } catch (error) {
    if (error instanceof NotSerializableError) return error;
    throw error;
  }
  throw new Error("was encoded");
}

class Unknown {
  readonly secret = "hunter2";
}

class MapOfMine extends Map {}
class ArrayOfMine extends Array {}
class BytesOfMine extends Uint8Array {}

const hidden = (owner: object): object => Object.defineProperty(owner, "x", { value: 1, enumerable: false });
const getter = (owner: object, key: string): object =>
  Object.defineProperty(owner, key, { get: () => 1, enumerable: true });
const setter = (owner: object, key: string): object =>
  Object.defineProperty(owner, key, { set: () => {}, enumerable: true });

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  return proxy;
}

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

describe("what cannot be kept without loss is refused at the sender", () => {
  it.each<[string, unknown]>([
    ["a function", () => 1],
    ["a class", Unknown],
    ["a symbol", Symbol("s")],
    ["an instance of an unregistered class", new Unknown()],
    ["an instance of a subclass of a registered class", new (class extends Box {})(1)],
    ["a Map of a subclass", new MapOfMine()],
    ["an array of a subclass", new ArrayOfMine()],
    ["a typed array of a subclass", new BytesOfMine()],
    ["a Promise", Promise.resolve(1)],
    ["a WeakMap", new WeakMap()],
    ["a WeakRef", new WeakRef({})],
    ["a generator", (function* () {})()],
    ["URLSearchParams", new URLSearchParams()],
    ["a boxed string", Object("text")],
    ["a boxed number", Object(1)],
    ["a Proxy", new Proxy({}, {})],
    ["a Proxy of a registered instance", new Proxy(new Box(1), {})],
    ["a revoked Proxy", revoked()],
    ["an object that only looks like a Map", Object.create(Map.prototype)],
    ["an object that only looks like a Set", Object.create(Set.prototype)],
    ["an object that only looks like a Date", Object.create(Date.prototype)],
    ["an object that only looks like a RegExp", Object.create(RegExp.prototype)],
    ["an object that only looks like a URL", Object.create(URL.prototype)],
    ["an object that only looks like binary data", Object.create(Uint8Array.prototype)],
    ["an object that only looks like an ArrayBuffer", Object.create(ArrayBuffer.prototype)],
    ["an object that only looks like a DOMException", Object.create(DOMException.prototype)],
    ["an object with a prototype of its own", Object.create({ inherited: 1 })],
    ["an object that inherits from one without", Object.create(Object.assign(Object.create(null), { inherited: 1 }))],
    ["shared memory", new SharedArrayBuffer(1)],
    ["a view of shared memory", new Uint8Array(new SharedArrayBuffer(1))],
    ["a resizable buffer", Reflect.construct(ArrayBuffer, [1, { maxByteLength: 2 }])],
    ["a view of a resizable buffer", new Uint8Array(Reflect.construct(ArrayBuffer, [1, { maxByteLength: 2 }]))],
    ["a detached buffer", detached()],
    ["a key that is a symbol", { [Symbol("s")]: 1 }],
    ["a key of an array that is a symbol", Object.assign([1], { [Symbol("s")]: 1 })],
    ["a hidden property", hidden({})],
    ["a hidden property of an object without prototype", hidden(Object.create(null))],
    ["a hidden property of an array", hidden([1])],
    ["a hidden property of an array with holes", hidden(new Array(2))],
    ["a getter", getter({}, "a")],
    ["a setter", setter({}, "a")],
    ["a getter on an array", getter([], "0")],
    ["a getter on an array with holes", getter(new Array(2), "0")],
    ["a getter beside an odd key", getter({ $ah: 1 }, "a")],
    ["a getter of an error", getter(new Error("m"), "a")],
    ["an extra property of a Map", Object.assign(new Map(), { a: 1 })],
    ["an extra property of a Set", Object.assign(new Set(), { a: 1 })],
    ["an extra property of a Date", Object.assign(new Date(), { a: 1 })],
    ["an extra property of a RegExp", Object.assign(/a/, { a: 1 })],
    ["an extra property of a URL", Object.assign(new URL("a:b"), { a: 1 })],
    ["an extra property of an ArrayBuffer", Object.assign(new ArrayBuffer(1), { a: 1 })],
    ["an extra property of a DataView", Object.assign(new DataView(new ArrayBuffer(1)), { a: 1 })],
    ["an extra property of a typed array", Object.assign(new Uint8Array(3), { a: 1 })],
    ["a hidden property of a typed array", hidden(new Uint8Array(3))],
    ["a symbol on a typed array", Object.assign(new Uint8Array(3), { [Symbol("s")]: 1 })],
    ["an extra property of a large typed array", Object.assign(new Float64Array(100_000), { a: 1 })],
    ["an extra property of a large Buffer", Object.assign(Buffer.alloc(100_000), { a: 1 })],
    ["an enumerable symbol of an error", Object.assign(new Error("m"), { [Symbol("s")]: 1 })],
    ["a lastIndex that is no integer", Object.assign(/a/, { lastIndex: "1" })],
    ["a function of an error", Object.assign(new Error("m"), { retry: () => 1 })],
  ])("%s", (_name, value) => {
    expect(refusal([value]).path).toMatch(/^\$\[0\]/);
  });

  it("says where it stands, in the words of JavaScript", () => {
    const value = (inside: unknown): unknown => ({ messages: [1, 2, 3, { content: { "a b": inside } }] });
    expect(refusal(value(() => 1)).path).toBe('$.messages[3].content["a b"]');
    expect(refusal(value(new Map([["k", Symbol("s")]]))).path).toBe('$.messages[3].content["a b"].get("k")');
    expect(refusal(new Map([[new Unknown(), 1]])).path).toBe("$<key 0>");
    expect(refusal(new Map([[1, new Unknown()]])).path).toBe("$<value 0>");
    expect(refusal(new Set([1, new Unknown()])).path).toBe("$<item 1>");
    expect(refusal(new Error("m", { cause: [new Unknown()] })).path).toBe("$.cause[0]");
    expect(refusal(Object.assign(new Error("m"), { "my code": new Unknown() })).path).toBe('$["my code"]');
    expect(refusal(new AggregateError([1, new Unknown()])).path).toBe("$.errors[1]");
    expect(refusal({ $ah: { x: new Unknown() } }).path).toBe("$.$ah.x");
    expect(refusal(Object.assign(new Array(3), { 2: new Unknown() })).path).toBe("$[2]");
    expect(refusal([new Box({ deep: new Unknown() })]).path).toBe("$[0].content.deep");
    expect(refusal({ a: getter({}, "b") }).path).toBe("$.a.b");
    expect(refusal({ "\ud800": new Unknown() }).path).toBe('$["\\ud800"]');
    expect(refusal(new Unknown()).path).toBe("$");
  });

  it("keeps the path of a deep value short", () => {
    let value: unknown = new Unknown();
    for (let level = 0; level < 5000; level++) value = { ["key".repeat(100)]: value };
    expect(refusal(value).path.length).toBeLessThan(10_000);
    expect(refusal(value).path).toContain("4936 more");
  });

  it("names the class and says what to do, and never tells the content", () => {
    const { message } = refusal({ a: new Unknown() });
    expect(message).toContain("an instance of Unknown");
    expect(message).toContain("register its class");
    expect(message).not.toContain("hunter2");
  });

  it("reads no getter on the way", () => {
    let read = 0;
    const value = Object.defineProperty({}, "a", { get: () => ++read, enumerable: true });
    refusal(value);
    expect(read).toBe(0);
  });
});

describe("instances of registered classes", () => {
  const looping: ClassCodec<Box> = {
    name: "Box",
    is: (value): value is Box => value instanceof Box,
    encode: (box) => box.content,
    decode: (parts) => new Box(parts),
  };

  it("may not lead back to themselves, directly or through others", () => {
    const content: unknown[] = [];
    const box = new Box(content);
    content.push(box);
    expect(refusal(box).message).toContain("a cycle");
    expect(refusal(content).path).toBe("$[0].content");
    const exception = new DOMException("m", "AbortError");
    Object.defineProperty(exception, "cause", { value: { exception } });
    expect(refusal(exception).path).toBe("$.cause.exception");
  });

  it("may not stand on a cycle, in whichever order its parts are met", () => {
    const root: Record<string, unknown> = {};
    const between = { root };
    Object.assign(root, { between, box: new Box(between) });
    expect(refusal(root).path).toBe("$.box.content");
    expect(refusal({ box: root.box, between }).path).toBe("$.box.content.root.box");
    const deep: unknown[] = [];
    deep.push({ list: [deep] });
    deep.push([deep[0], [new Box(deep[0])]]);
    expect(refusal(deep).path).toBe("$[1][1][0].content");
    expect(() => testCodec.encode([deep[0], new Box(1)])).toThrow(NotSerializableError);
  });

  it("may hold what also stands elsewhere, and cycles that stay inside", () => {
    const inner: { self?: unknown } = {};
    inner.self = inner;
    const back = hop([inner, new Box(inner), new Box(inner)]) as [{ self: unknown }, Box, Box];
    expect(back[0].self).toBe(back[0]);
    expect(back[1].content).toBe(back[0]);
    expect(back[2].content).toBe(back[0]);
  });

  it("are refused with the reason that their codec gives", () => {
    const failing: ClassCodec<Box> = {
      ...looping,
      encode() {
        throw new Error("the socket is open");
      },
    };
    const { message, path } = refusal({ a: new Box(1) }, createCodec({ classes: [failing] }));
    expect([path, message]).toEqual(["$.a", expect.stringContaining("the socket is open")]);
  });

  it("may be subclasses of built-in ones", () => {
    const list: ClassCodec<ArrayOfMine> = {
      name: "list",
      is: (value): value is ArrayOfMine => Object.getPrototypeOf(value) === ArrayOfMine.prototype,
      encode: (items) => [...items],
      decode: (parts) => ArrayOfMine.from(parts as unknown[]),
    };
    const codec = createCodec({ classes: [list] });
    const back = hop({ list: ArrayOfMine.from([1, new Date(0)]) }, codec) as { list: ArrayOfMine };
    expect(back.list).toBeInstanceOf(ArrayOfMine);
    expect([...back.list]).toEqual([1, new Date(0)]);
  });

  it("need names of their own", () => {
    const invalid = expect.objectContaining({ code: "INVALID_OPTIONS" });
    expect(() => createCodec({ classes: [looping, looping] })).toThrow(invalid);
    expect(() => createCodec({ classes: [{ ...looping, name: "" }] })).toThrow(invalid);
    expect(() => createCodec({ maxDepth: 0 })).toThrow(invalid);
    expect(() => createCodec({ maxBytes: Number.NaN })).toThrow(invalid);
  });

  it("that expand without end are too deep, not endless", () => {
    const endless: ClassCodec<Box> = { ...looping, encode: () => new Box(1) };
    expect(() => createCodec({ classes: [endless] }).encode(new Box(1))).toThrow(
      expect.objectContaining({ code: "CONTEXT_TOO_DEEP" }),
    );
  });
});

describe("values of another realm", () => {
  const foreign = (source: string): unknown => runInContext(source, createContext({}));

  it("are kept where they are plain, or errors", () => {
    expect(hop(foreign("({ a: [1, { b: null }] })"))).toEqual({ a: [1, { b: null }] });
    const error = hop(foreign("new RangeError('m')"));
    expect(error).toBeInstanceOf(RangeError);
    expect((error as Error).constructor).toBe(RangeError);
  });

  it("are refused otherwise, never emptied", () => {
    expect(refusal(foreign("new Map([[1, 2]])"))).toBeInstanceOf(HandoffError);
    expect(refusal(foreign("new (class A extends Array {})()"))).toBeInstanceOf(HandoffError);
  });
});
