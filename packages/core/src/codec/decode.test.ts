import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HandoffError } from "../errors/index.js";
import { type ClassCodec, createCodec, type Json, parseJson } from "./index.js";
import { arbitraryForeignJson, boxCodec } from "./testing/arbitrary-value.js";
import type { Box } from "./testing/recipe.js";
import { testCodec } from "./testing/round-trip.js";

const decode = (text: string): unknown => testCodec.decode(parseJson(text));
const code = (name: string): unknown => expect.objectContaining({ code: name });

describe("what no codec has written", () => {
  it.each([
    '{"$ah":1}',
    '{"$ah":null,"value":1}',
    '{"$ah":""}',
    '{"$ah":"Date"}',
    '{"$ah":"undefined","value":1}',
    '{"$ah":"number","value":1}',
    '{"$ah":"number","value":"1"}',
    '{"$ah":"number","value":"toString"}',
    '{"$ah":"number"}',
    '{"$ah":"bigint","value":"01"}',
    '{"$ah":"bigint","value":"-0"}',
    '{"$ah":"bigint","value":"0x1"}',
    '{"$ah":"bigint","value":""}',
    '{"$ah":"bigint","value":12}',
    '{"$ah":"string","parts":"a"}',
    '{"$ah":"string","parts":[65]}',
    '{"$ah":"string","parts":[55296.5]}',
    '{"$ah":"string","parts":[null]}',
    '{"$ah":"object"}',
    '{"$ah":"object","entries":{}}',
    '{"$ah":"object","entries":[["a"]]}',
    '{"$ah":"object","entries":[["a",1,2]]}',
    '{"$ah":"object","entries":[[1,1]]}',
    '{"$ah":"object","entries":[["a",1],["a",2]]}',
    '{"$ah":"object","prototype":"Date","entries":[]}',
    '{"$ah":"object","entries":[],"more":1}',
    '{"$ah":"array","length":-1,"entries":[]}',
    '{"$ah":"array","length":1.5,"entries":[]}',
    '{"$ah":"array","length":4294967296,"entries":[]}',
    '{"$ah":"array","length":"1","entries":[]}',
    '{"$ah":"array","length":1,"entries":[[1,0]]}',
    '{"$ah":"array","length":1,"entries":[["0",0]]}',
    '{"$ah":"array","length":1,"entries":[[0,0],[0,1]]}',
    '{"$ah":"array","length":1,"entries":[["length",5]]}',
    '{"$ah":"array","length":1,"entries":[[null,5]]}',
    '{"$ah":"date","value":"2020-01-01"}',
    '{"$ah":"date","value":"2020-02-30T00:00:00.000Z"}',
    '{"$ah":"date","value":0}',
    '{"$ah":"map","entries":[[1,1],[1,2]]}',
    '{"$ah":"set","values":[{"$ah":"undefined"},{"$ah":"undefined"}]}',
    '{"$ah":"set","values":1}',
    '{"$ah":"regexp","source":"(","flags":"","lastIndex":0}',
    '{"$ah":"regexp","source":"a","flags":"xx","lastIndex":0}',
    '{"$ah":"regexp","source":"","flags":"","lastIndex":0}',
    '{"$ah":"regexp","source":"a","flags":"","lastIndex":"0"}',
    '{"$ah":"url","href":"http://EXAMPLE"}',
    '{"$ah":"url","href":"nothing"}',
    '{"$ah":"error","type":"Function"}',
    '{"$ah":"error","type":"__proto__"}',
    '{"$ah":"error","type":"Error","class":1}',
    '{"$ah":"error","type":"Error","properties":[[1,1]]}',
    '{"$ah":"error","type":"Error","properties":[["a",1]],"hidden":[["a",1]]}',
    '{"$ah":"dom-exception","name":"a","message":1}',
    '{"$ah":"dom-exception","name":"a"}',
    '{"$ah":"bytes","type":"Uint8Array"}',
    '{"$ah":"bytes","type":"Uint8Array","base64":"AQ"}',
    '{"$ah":"bytes","type":"Uint8Array","base64":"AR=="}',
    '{"$ah":"bytes","type":"Uint8Array","base64":"A Q=="}',
    '{"$ah":"bytes","type":"Uint16Array","base64":"AQ=="}',
    '{"$ah":"bytes","type":"Function","base64":"AQ=="}',
    '{"$ah":"bytes","type":"Uint8Array","blob":{"sha256":"../../etc/passwd","size":1}}',
    `{"$ah":"bytes","type":"Uint8Array","base64":"","blob":{"sha256":"${"a".repeat(64)}","size":0}}`,
    '{"$ah":"class","name":1,"value":1}',
    '{"$ah":"class","name":"test.Box"}',
    '{"$ah":"def","id":0}',
    '{"$ah":"def","id":0,"value":1}',
    '{"$ah":"def","id":-1,"value":[]}',
    '{"$ah":"def","id":"0","value":[]}',
    '{"$ah":"def","id":0,"value":{"$ah":"bigint","value":"1"}}',
    '{"$ah":"def","id":0,"value":{"$ah":"def","id":1,"value":[]}}',
    '{"$ah":"def","id":0,"value":[],"more":1}',
    '[{"$ah":"def","id":0,"value":[]},{"$ah":"def","id":0,"value":[]}]',
    '{"$ah":"ref","id":0}',
    '[{"$ah":"ref","id":0},{"$ah":"def","id":0,"value":[]}]',
    '[{"$ah":"def","id":0,"value":[]},{"$ah":"ref","id":0,"more":1}]',
    '{"$ah":"def","id":0,"value":{"$ah":"class","name":"test.Box","value":{"content":{"$ah":"ref","id":0}}}}',
    '{"$ah":"def","id":0,"value":[{"$ah":"class","name":"test.Box","value":{"content":{"$ah":"ref","id":0}}}]}',
    '{"$ah":"def","id":0,"value":[{"$ah":"def","id":1,"value":[{"$ah":"ref","id":0}]},{"$ah":"class","name":"test.Box","value":{"content":{"$ah":"ref","id":1}}}]}',
  ])("is refused as malformed: %s", (text) => {
    expect(() => decode(text)).toThrow(code("CONTEXT_INTEGRITY"));
    expect(() => decode(`[${text}]`)).toThrow(code("CONTEXT_INTEGRITY"));
  });

  it.each([
    ['{"$ah":1}', "the reserved key holds no tag"],
    ['{"$ah":""}', "the reserved key holds no tag"],
    ['{"$ah":"undefined","value":1}', '"undefined" has a member too many'],
    ['{"$ah":"number","value":1}', '"value" is not a string'],
    ['{"$ah":"number","value":"1"}', "a number is none of NaN, Infinity, -Infinity and -0"],
    ['{"$ah":"number"}', 'the members of "number" are not those of its table row'],
    ['{"$ah":"bigint","value":"01"}', "a bigint is not a decimal integer"],
    ['{"$ah":"string","parts":"a"}', "the parts of a string are not an array"],
    ['{"$ah":"string","parts":[65]}', "a part of a string is neither a string nor a surrogate"],
    ['{"$ah":"object","entries":[[1,1]]}', "a key of an object is not a string"],
    ['{"$ah":"object","entries":[["a",1],["a",2]]}', "an object has the same key twice"],
    ['{"$ah":"object","prototype":"Date","entries":[]}', 'the "prototype" of an object is not null'],
    ['{"$ah":"array","length":-1,"entries":[]}', "the length of an array is not an array length"],
    ['{"$ah":"array","length":1,"entries":[[1,0]]}', "an index of an array is not below its length"],
    ['{"$ah":"array","length":1,"entries":[[-1,0]]}', "an index of an array is not below its length"],
    ['{"$ah":"array","length":1,"entries":[["0",0]]}', "an index of an array is written as a string"],
    ['{"$ah":"array","length":1,"entries":[[0,0],[0,1]]}', "an array has the same entry twice"],
    ['{"$ah":"date","value":"2020-01-01"}', "a date is not an ISO 8601 instant in UTC with milliseconds"],
    ['{"$ah":"map","entries":[[1,1],[1,2]]}', "a map has the same key twice"],
    ['{"$ah":"set","values":[1,1]}', "a set has the same value twice"],
    ['{"$ah":"regexp","source":"(","flags":"","lastIndex":0}', "a regexp does not compile here"],
    ['{"$ah":"regexp","source":"a","flags":"","lastIndex":"0"}', "the lastIndex of a regexp is not an integer"],
    ['{"$ah":"url","href":"nothing"}', "a url is not in its normal form"],
    ['{"$ah":"error","type":"Function"}', "the type of an error is not a built-in one"],
    ['{"$ah":"error","type":"Error","properties":[[1,1]]}', "a key of an error is not a string"],
    [
      '{"$ah":"error","type":"Error","properties":[["a",1]],"hidden":[["a",1]]}',
      "an error has the same property twice",
    ],
    ['{"$ah":"bytes","type":"Uint8Array"}', "binary data needs base64 or a blob, and not both"],
    ['{"$ah":"bytes","type":"Uint8Array","base64":"AQ"}', "base64 is not in its canonical form"],
    ['{"$ah":"bytes","type":"Uint16Array","base64":"AQ=="}', "binary data ends within an element"],
    ['{"$ah":"bytes","type":"Function","base64":"AQ=="}', "the type of binary data is unknown"],
    [
      '{"$ah":"bytes","type":"Uint8Array","blob":{"sha256":"x","size":1}}',
      "a reference to a blob is not { sha256, size }",
    ],
    ['{"$ah":"class","name":"test.Box","value":null}', "the codec of test.Box refused its parts"],
    ['{"$ah":"def","id":0}', '"def" is not { id, value }'],
    ['{"$ah":"def","id":0,"value":1}', "a def holds a primitive value"],
    ['{"$ah":"def","id":0,"value":{"$ah":"bigint","value":"1"}}', "a def holds a primitive value"],
    ['{"$ah":"def","id":0,"value":{"$ah":"def","id":1,"value":[]}}', "a def holds a def"],
    ['{"$ah":"def","id":0,"value":{"$ah":"ref","id":0}}', "a def holds a ref"],
    ['[{"$ah":"def","id":0,"value":[]},{"$ah":"def","id":0,"value":[]}]', "an id is defined twice"],
    ['{"$ah":"ref","id":0}', "an id is used before it is defined"],
    ['{"$ah":"ref","id":0,"more":1}', '"ref" is not { id }'],
    [
      '{"$ah":"def","id":0,"value":{"$ah":"class","name":"test.Box","value":{"content":{"$ah":"ref","id":0}}}}',
      "a cycle leads through a value that cannot be made before its parts are",
    ],
  ])("is refused with what is wrong: %s", (text, words) => {
    expect(() => decode(`{"here":${text}}`)).toThrow(`an encoded value is malformed: ${words}, at $.here`);
  });

  it("is refused with the place where it stands", () => {
    const text = '{"a b":[0,{"$ah":"map","entries":[[1,{"$ah":"bigint","value":"x"}]]}]}';
    expect(() => decode(text)).toThrow('$["a b"][1]<map 1>');
  });

  it("never gives anything but a value or an error of ours, and never pollutes a prototype", () => {
    const before = Reflect.ownKeys(Object.prototype).length;
    fc.assert(
      fc.property(arbitraryForeignJson, (json) => {
        try {
          testCodec.decode(json as Json);
        } catch (error) {
          if (!HandoffError.isInstance(error)) throw error;
        }
        expect(Reflect.ownKeys(Object.prototype)).toHaveLength(before);
      }),
      { numRuns: 5000 },
    );
  });

  it("decodes to a value that encodes again, or not at all", () => {
    fc.assert(
      fc.property(arbitraryForeignJson, (json) => {
        let value: unknown;
        try {
          value = testCodec.decode(json as Json);
        } catch {
          return;
        }
        testCodec.encode(value);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("what a newer version may have written", () => {
  it.each([
    '{"$ah":"class","name":"other.Class","value":1}',
    '{"$ah":"class","name":"__proto__","value":1}',
    '{"$ah":"class","name":"constructor","value":{}}',
    '{"$ah":"instant","value":1}',
    '{"$ah":"constructor"}',
  ])("is not understood, rather than damaged: %s", (text) => {
    expect(() => decode(text)).toThrow(code("NOT_UNDERSTOOD"));
  });
});

describe("a small text", () => {
  it("cannot ask for much memory: holes cost nothing, however many", () => {
    const before = process.memoryUsage().heapUsed;
    const sparse = '{"$ah":"array","length":33554432,"entries":[[7,1]]}';
    const arrays = decode(`[${sparse},${sparse},${sparse}]`) as unknown[][];
    expect(arrays.map((array) => [array.length, Object.keys(array)])).toEqual(
      Array.from({ length: 3 }, () => [2 ** 25, ["7"]]),
    );
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(2 ** 25);
  });

  it("of an error whose name and message are no texts is never put into words", () => {
    const odd = '{"toString":0}';
    const text = `{"$ah":"error","type":"TypeError","name":${odd},"message":[${odd}],"stack":"s","hidden":[["stack",1]]}`;
    const formatting = Error.prepareStackTrace;
    // What tools for source maps do, and Node's own.
    Error.prepareStackTrace = (error) => String(error);
    try {
      expect(decode(text)).toMatchObject({ message: [{ toString: 0 }], stack: 1 });
    } finally {
      Error.prepareStackTrace = formatting;
    }
  });
});

describe("an error's message", () => {
  it("stays short, whatever the data says", () => {
    const long = "x".repeat(100_000);
    for (const text of [
      `{"$ah":"class","name":"${long}","value":1}`,
      `{"${long}":{"$ah":"bigint","value":"${long}"}}`,
      `{"$ah":"map","entries":[["${long}",{"$ah":"${long}"}]]}`,
      `{"$ah":"${long}"}`,
    ]) {
      expect(() => decode(text)).toThrow(expect.objectContaining({ message: expect.stringMatching(/^.{1,1000}$/s) }));
    }
  });
});

describe("registered classes", () => {
  it("decide about their own parts: what they refuse is malformed", () => {
    const strict: ClassCodec<Box> = {
      ...boxCodec,
      decode() {
        throw new TypeError("content is missing");
      },
    };
    const text = '{"$ah":"class","name":"test.Box","value":{}}';
    expect(() => createCodec({ classes: [strict] }).decode(parseJson(text))).toThrow(code("CONTEXT_INTEGRITY"));
  });
});

describe("assigning", () => {
  it("never goes through a prototype", () => {
    const text = '[{"__proto__":{"x":1}},{"$ah":"object","entries":[["__proto__",{"x":1}]]}]';
    for (const object of decode(text) as object[]) {
      expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
      expect(Object.getOwnPropertyDescriptor(object, "__proto__")?.value).toEqual({ x: 1 });
    }
  });

  it("runs no setter that someone put on Object.prototype", () => {
    let calls = 0;
    Object.defineProperty(Object.prototype, "trap", { set: () => calls++, configurable: true });
    try {
      expect(Object.keys(decode('{"trap":1,"a":[{"trap":{}}]}') as object)).toEqual(["trap", "a"]);
      expect(Object.keys(testCodec.encode({ trap: 1, deep: [{ trap: {} }] }) as object)).toEqual(["trap", "deep"]);
    } finally {
      Reflect.deleteProperty(Object.prototype, "trap");
    }
    expect(calls).toBe(0);
  });
});
