import { describe, expect, it } from "vitest";
import { createCodec, parseJson, stringifyJson } from "./index.js";
import { Box } from "./testing/recipe.js";
import { hop, testCodec, textOf } from "./testing/round-trip.js";
import { difference } from "./testing/same-value.js";

/** Promises that a value comes back as it was, and how it is written. */
function expectKept(value: unknown, text?: string): void {
  if (text !== undefined) expect(textOf(value)).toBe(text);
  expect(difference(value, hop(value))).toBeUndefined();
}

describe("JSON-native values", () => {
  it("pass through unchanged, with the text that JSON.stringify gives them", () => {
    const value = { b: [1, -2.5, 1e300, "é😀\u2028\u0000", null, true, {}], a: { "": [] }, 2: "two", 1: "one" };
    expectKept(value, JSON.stringify(value));
  });

  it("stay inert when they look like the serialized objects of another library", () => {
    const secret = { lc: 1, type: "secret", id: ["OPENAI_API_KEY"] };
    const message = { lc: 1, type: "constructor", id: ["langchain_core", "messages", "AIMessage"], kwargs: { secret } };
    expectKept(message, JSON.stringify(message));
  });

  it("keep integers beyond 2^53 that a float64 holds", () => {
    expectKept([2 ** 53, 2 ** 53 + 2, -(2 ** 63), 1e21, 1.7976931348623157e308, 5e-324]);
  });
});

describe("numbers that JSON cannot say", () => {
  it.each([
    [Number.NaN, "NaN"],
    [Infinity, "Infinity"],
    [-Infinity, "-Infinity"],
    [-0, "-0"],
  ])("keeps %s", (value, name) => {
    expectKept(value, `{"$ah":"number","value":"${name}"}`);
  });
});

describe("primitives", () => {
  it("keeps undefined, and tells it from a missing key", () => {
    expectKept(undefined, '{"$ah":"undefined"}');
    expectKept({ a: undefined });
    expect(Object.keys(hop({ a: undefined }) as object)).toEqual(["a"]);
  });

  it("keeps bigints of any size", () => {
    expectKept(12n, '{"$ah":"bigint","value":"12"}');
    expectKept([0n, -1n, 2n ** 64n, -(10n ** 400n)]);
  });

  it("keeps lone surrogates in strings, and writes only well-formed text", () => {
    expectKept("a\ud800b\udc00", '{"$ah":"string","parts":["a",55296,"b",56320]}');
    expectKept(["\ud800", "\udfff\ud800", "😀\ud83d", "\ud83d😀"]);
    expect(Buffer.from(textOf("\ud800"), "utf8").toString("utf8")).toBe(textOf("\ud800"));
  });
});

describe("objects", () => {
  it("keeps surrogates at the edges of their range, in pairs and alone, in any order", () => {
    const units = ["\ud7ff", "\ud800", "\udbff", "\udc00", "\udfff", "\ue000", "a"];
    for (const one of units)
      for (const two of units) for (const three of units) expect(hop(one + two + three)).toBe(one + two + three);
    expect(textOf("a\ud800\udc00\udbffb\udc00")).toBe('{"$ah":"string","parts":["a\ud800\udc00",56319,"b",56320]}');
  });

  it("keeps lone surrogates in keys", () => {
    expectKept({ "\ud800": 1, b: 2 }, '{"$ah":"object","entries":[[{"$ah":"string","parts":[55296]},1],["b",2]]}');
  });

  it("keeps an own __proto__ key as data", () => {
    const value = JSON.parse('{"__proto__":{"polluted":true},"b":1}');
    expectKept(value, '{"$ah":"object","entries":[["__proto__",{"polluted":true}],["b",1]]}');
    expect((hop(value) as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("escapes user data that has the reserved key", () => {
    expectKept({ $ah: "date", value: 0 }, '{"$ah":"object","entries":[["$ah","date"],["value",0]]}');
    expectKept([{ $ah: 1 }, { $ah: { $ah: "ref", id: 0 } }]);
  });

  it("keeps objects without a prototype", () => {
    expectKept(Object.assign(Object.create(null), { a: 1 }), '{"$ah":"object","prototype":null,"entries":[["a",1]]}');
  });

  it("keeps keys that have a meaning elsewhere", () => {
    expectKept(JSON.parse('{"constructor":1,"toString":null,"hasOwnProperty":[],"then":{},"toJSON":"x","length":0}'));
  });

  it("keeps the order of keys", () => {
    expect(Object.keys(hop({ z: 1, a: [], m: {} }) as object)).toEqual(["z", "a", "m"]);
  });

  it("keeps the values of frozen and sealed objects, which come back open", () => {
    const back = hop(Object.freeze({ a: Object.seal([1]) })) as { a: number[] };
    expect(back).toEqual({ a: [1] });
    expect(Object.isFrozen(back) || Object.isSealed(back.a)).toBe(false);
  });
});

describe("arrays", () => {
  it("keeps holes, and tells them from undefined", () => {
    // biome-ignore lint/suspicious/noSparseArray: holes are what this is about.
    expectKept([1, , undefined], '{"$ah":"array","length":3,"entries":[[0,1],[2,{"$ah":"undefined"}]]}');
    expectKept(new Array(3), '{"$ah":"array","length":3,"entries":[]}');
    expectKept(new Array(2 ** 32 - 1));
  });

  it("keeps properties beside the items", () => {
    expectKept("a-b".match(/-(?<rest>.)/));
    expectKept(Object.assign([1], { "01": "no index", 4294967295: "nor this", extra: [2] }));
  });
});

describe("built-in objects", () => {
  it("keeps dates, the invalid one and the furthest ones too", () => {
    expectKept(new Date(0), '{"$ah":"date","value":"1970-01-01T00:00:00.000Z"}');
    expectKept(new Date(Number.NaN), '{"$ah":"date","value":null}');
    expectKept([new Date(8.64e15), new Date(-8.64e15), new Date("-000001-01-01T00:00:00Z")]);
  });

  it("keeps maps and sets with keys of any kind, in their order", () => {
    expectKept(new Map([["a", 1]]), '{"$ah":"map","entries":[["a",1]]}');
    expectKept(new Set(["b", "a"]), '{"$ah":"set","values":["b","a"]}');
    expectKept(
      new Map<unknown, unknown>([
        [{ key: 1 }, new Set([new Map()])],
        [Number.NaN, undefined],
        [1n, new Date(5)],
      ]),
    );
  });

  it("keeps regular expressions with their flags and where they last stopped", () => {
    const regexp = /a\/(?<x>b)/dgimsuy;
    regexp.lastIndex = 7;
    expectKept(regexp, '{"$ah":"regexp","source":"a\\\\/(?<x>b)","flags":"dgimsuy","lastIndex":7}');
    expectKept([/(?:)/, /\n/, /\ud800/]);
  });

  it("keeps URLs", () => {
    expectKept(new URL("http://ü.example/ä?b=c d#e"), '{"$ah":"url","href":"http://xn--tda.example/%C3%A4?b=c%20d#e"}');
  });
});

describe("shared references and cycles", () => {
  it("keeps that one object stands in two places", () => {
    const shared = { x: 1 };
    expectKept([shared, shared], '[{"$ah":"def","id":0,"value":{"x":1}},{"$ah":"ref","id":0}]');
    expectKept({ date: new Date(0), map: new Map([[shared, shared]]), shared });
  });

  it("keeps apart what is equal but not the same", () => {
    expectKept([{ x: 1 }, { x: 1 }], '[{"x":1},{"x":1}]');
  });

  it("keeps cycles through objects, arrays, maps, sets, errors and arrays with holes", () => {
    const object: Record<string, unknown> = {};
    const map = new Map<unknown, unknown>([["object", object]]);
    const error = new Error("loop", { cause: map });
    const holes: unknown[] = new Array(3);
    Object.assign(object, { self: object, map, list: [object], set: new Set([object, map]), error, holes });
    map.set(map, error);
    holes[1] = holes;
    expectKept(object);
    const loop: unknown[] = [];
    loop.push(loop);
    expectKept(loop, '{"$ah":"def","id":0,"value":[{"$ah":"ref","id":0}]}');
  });

  it("keeps a shared instance of a registered class one instance", () => {
    const box = new Box([1]);
    expectKept({ first: box, second: new Box(box) });
  });
});

describe("registered classes", () => {
  it("are written with the name in the table and their parts", () => {
    expectKept(new Box({ at: new Date(0) }));
    expect(textOf(new Box(1))).toBe('{"$ah":"class","name":"test.Box","value":{"content":1}}');
  });

  it("are reported to the sender, who may tell readers what they need", () => {
    const names: string[] = [];
    testCodec.encode([new Box(new Box(1)), { $ah: "class", name: "no" }], { onClass: (name) => names.push(name) });
    expect(names).toEqual(["test.Box", "test.Box"]);
    expect(testCodec.hasClass("test.Box")).toBe(true);
    expect(createCodec().hasClass("test.Box")).toBe(false);
  });
});

describe("another language", () => {
  it("can read what JSON can say without this library", () => {
    const value = { messages: [{ role: "user", content: "hi" }], at: new Date(0) };
    expect(JSON.parse(stringifyJson(testCodec.encode(value))).messages).toEqual(value.messages);
  });

  it("can write plain JSON, a __proto__ in it too, and it is read as data", () => {
    const back = testCodec.decode(parseJson('{"a":[1,{"__proto__":{"x":1}}],"zero":-0}'));
    expect(difference(JSON.parse('{"a":[1,{"__proto__":{"x":1}}],"zero":-0}'), back)).toBeUndefined();
  });
});
