import fc from "fast-check";
import { BYTE_TYPES } from "../tags/byte-types.js";
import type { ClassCodec } from "../tags/class.js";
import { Box, build, type Recipe } from "./recipe.js";

/** Register it in a codec that is to keep what `arbitraryValue` makes. */
export const boxCodec: ClassCodec<Box> = {
  name: "test.Box",
  is: (value): value is Box => Object.getPrototypeOf(value) === Box.prototype,
  encode: (box) => ({ content: box.content }),
  decode: (parts) => new Box((parts as { content: unknown }).content),
};

const NAMES_THAT_NEED_CARE = ["__proto__", "$ah", "constructor", "toString", "then", "toJSON", "0", "-1", "", "\ud800"];

const codeUnits: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 })), { maxLength: 8 })
  .map((units) => String.fromCharCode(...units));

/** Strings of every sort, lone surrogates among them. */
export const arbitraryString: fc.Arbitrary<string> = fc.oneof(fc.string({ maxLength: 12 }), codeUnits);

const character = fc
  .oneof(fc.integer({ min: 0, max: 0xff }), fc.integer({ min: 0, max: 0x10ffff - 0x800 }))
  .map((index) => String.fromCodePoint(index < 0xd800 ? index : index + 0x800));

/**
 * Strings of any characters, without lone surrogates. fast-check's own, with the unit `binary`, take half a second to
 * make, in every file of tests that does.
 */
export const arbitraryText = (length: { minLength?: number; maxLength?: number } = {}): fc.Arbitrary<string> =>
  fc.array(character, length).map((characters) => characters.join(""));

const key: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.string({ maxLength: 6 }) },
  { weight: 1, arbitrary: fc.constantFrom(...NAMES_THAT_NEED_CARE) },
  { weight: 1, arbitrary: codeUnits },
);

const primitive: fc.Arbitrary<unknown> = fc.oneof(
  arbitraryString,
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 64), 5e-324, Number.MAX_VALUE),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(null, undefined),
);

const date = fc
  .oneof(fc.constantFrom(Number.NaN, 8.64e15, -8.64e15, 0), fc.integer({ min: -8.64e15, max: 8.64e15 }))
  .map((time) => () => new Date(time));

const regexp = fc
  .record({
    source: fc.constantFrom("a", "", "\n/", "[/\\]]+", "(?<n>.)", "\ud800", "\u2028", "😀"),
    flags: fc.constantFrom("", "g", "giy", "dimsu"),
    lastIndex: fc.nat(),
  })
  .map(
    ({ source, flags, lastIndex }) =>
      () =>
        Object.assign(new RegExp(source, flags), { lastIndex }),
  );

// Made of parts because `fc.webUrl` takes half a second to make, too.
const urlPart = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom("ü", "😀", "..")).map(encodeURIComponent);
const url = fc
  .oneof(
    fc
      .tuple(fc.constantFrom("https://example.org", "http://a:b@[::1]:8080", "file://"), urlPart, urlPart)
      .map(([origin, path, query]) => `${origin}/${path}?${query}`),
    fc.constant("data:text/plain,a b"),
  )
  .map((href) => () => new URL(href));

const bytes = fc
  .record({
    type: fc.constantFrom(...BYTE_TYPES),
    content: fc.uint8Array({ maxLength: 5 }),
    before: fc.nat({ max: 2 }),
  })
  .map(({ type, content, before }) => () => {
    if (type.name === "ArrayBuffer") return Uint8Array.from(content).buffer;
    // Not at the start of its buffer, and not alone in it.
    const start = before * 8;
    const memory = new Uint8Array(start + content.length * type.width + 3).fill(7);
    for (let index = 0; index < content.length * type.width; index++) {
      memory[start + index] = (content[index % content.length] as number) + index;
    }
    return type.from(memory.buffer, start, content.length);
  });

const BUILTIN_ERRORS = [Error, TypeError, RangeError, SyntaxError, EvalError, ReferenceError, URIError];

const newError = fc
  .record({
    Type: fc.constantFrom(...BUILTIN_ERRORS),
    message: fc.option(arbitraryString, { nil: undefined }),
    className: fc.option(fc.constantFrom("HttpError", "__proto__", "A"), { nil: undefined }),
    inheritedName: fc.option(arbitraryString, { nil: undefined }),
    keepStack: fc.boolean(),
    aggregates: fc.boolean(),
  })
  .map(({ Type, message, className, inheritedName, keepStack, aggregates }) => () => {
    class Subclass extends Type {}
    if (inheritedName !== undefined) Object.defineProperty(Subclass.prototype, "name", { value: inheritedName });
    if (className !== undefined) Object.defineProperty(Subclass, "name", { value: className });
    const Made = className === undefined ? Type : Subclass;
    const error = aggregates ? new AggregateError([1, "two"], message) : new Made(message);
    if (!keepStack) Reflect.deleteProperty(error, "stack");
    return error;
  });

const newException = fc
  .record({ message: arbitraryString, name: fc.constantFrom("AbortError", "TimeoutError", "\ud800", "") })
  .map(
    ({ message, name }) =>
      () =>
        new DOMException(message, name),
  );

const { recipe } = fc.letrec<{ recipe: Recipe }>((tie) => {
  const part = tie("recipe");
  const entries = fc.array(fc.tuple(key, part), { maxLength: 4 });
  return {
    recipe: fc.oneof(
      { maxDepth: 5, depthIdentifier: "value" },
      { weight: 6, arbitrary: primitive.map((value): Recipe => ({ kind: "primitive", value })) },
      { weight: 2, arbitrary: fc.oneof(date, regexp, url, bytes).map((make): Recipe => ({ kind: "fresh", make })) },
      { weight: 2, arbitrary: fc.nat().map((which): Recipe => ({ kind: "again", which })) },
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant("object" as const), prototype: fc.boolean(), entries }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant("array" as const), items: fc.array(part, { maxLength: 4 }) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant("sparse" as const),
          length: fc.oneof(fc.nat({ max: 5 }), fc.constant(2 ** 32 - 1)),
          entries: fc.array(fc.tuple(fc.nat({ max: 5 }), part), { maxLength: 2 }),
          extras: entries,
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant("map" as const),
          entries: fc.array(fc.tuple(part, part), { maxLength: 3 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant("set" as const), items: fc.array(part, { maxLength: 3 }) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant("error" as const),
          make: newError,
          cause: fc.option(part, { nil: undefined }),
          entries,
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("exception" as const), make: newException, cause: part }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("box" as const), content: part }) },
    ),
  };
});

/**
 * Values of every type that the codec keeps, three kinds of things among them that generators usually leave out:
 * names that need care, parts that are shared, and cycles. A codec needs `boxCodec` to keep them.
 */
export const arbitraryValue: fc.Arbitrary<unknown> = recipe.map(build);

/** JSON values, many of them shaped like tagged ones, which no codec has written. */
export const arbitraryForeignJson: fc.Arbitrary<unknown> = fc.letrec<{ json: unknown }>((tie) => {
  const part = tie("json");
  const tag = fc.constantFrom(
    ...["undefined", "number", "bigint", "string", "object", "array", "date", "map", "set", "regexp", "url"],
    ...["error", "dom-exception", "bytes", "class", "def", "ref", "__proto__", "constructor", "other"],
  );
  const member = fc.constantFrom(
    ...[
      "value",
      "id",
      "entries",
      "values",
      "type",
      "name",
      "message",
      "source",
      "flags",
      "lastIndex",
      "parts",
      "length",
    ],
    ...["base64", "blob", "href", "class", "properties", "hidden", "prototype", "stack", "cause", "__proto__"],
  );
  const word = fc.constantFrom(
    "NaN",
    "-0",
    "12",
    "Error",
    "Uint8Array",
    "test.Box",
    "AQI=",
    "(",
    "g",
    "http://a/",
    "2020-01-01T00:00:00.000Z",
  );
  return {
    json: fc.oneof(
      { maxDepth: 5, depthIdentifier: "json" },
      fc.oneof(fc.constantFrom(null, true, 0, 1, -0, 1.5, 2 ** 32, 55296), word, arbitraryString),
      fc.array(part, { maxLength: 3 }),
      fc.array(fc.tuple(part, part), { maxLength: 3 }),
      fc.dictionary(key, part, { maxKeys: 3 }),
      fc
        .tuple(fc.oneof({ weight: 9, arbitrary: tag }, part), fc.array(fc.tuple(member, part), { maxLength: 3 }))
        .map(([name, members]) => fromEntries([["$ah", name], ...members])),
    ),
  };
}).json;

function fromEntries(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [name, value] of entries) {
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  }
  return object;
}
