import { type Codec, createCodec, type Json, parseJson, stringifyJson } from "@agenthandoff/core";
import { canonicalValue } from "../../../../packages/core/src/codec/index.js";
import { readableJson } from "../../../../packages/core/src/runtime/context/readable.js";
import { jsonMutation } from "../mutate/json.js";
import { law, type Target } from "../target.js";
import { JSON_WORDS, VALUE_WORDS } from "./words.js";

const codec = createCodec();
const MAX_CANONICAL_BYTES = 1024 * 1024;
/** A text for people is longer than the value's own, but not without measure. */
export const MAX_READABLE_CHARACTERS: number = 64 * 1024 * 1024;

/** Whatever can be decoded can be encoded, and is then written the same way for ever. */
export const valuesTarget: Target = {
  name: "values",
  seeds: async () => valueSeeds().map((value) => textOfValue(codec, value)),
  words: [...VALUE_WORDS, ...JSON_WORDS],
  mutations: [jsonMutation],
  run(input) {
    const json = parseJson(Buffer.from(input).toString("utf8"));
    const value = decodedTwiceTheSame(codec, json);
    law(readableJson(value).length <= MAX_READABLE_CHARACTERS, "a readable text is bounded");
    canonicalValue(codec, value, { maxBytes: MAX_CANONICAL_BYTES });
  },
};

export function decodedTwiceTheSame(codec: Codec, json: Json): unknown {
  const value = codec.decode(json);
  const text = stringifyJson(codec.encode(value));
  const again = codec.decode(parseJson(text));
  law(stringifyJson(codec.encode(again)) === text, "what was decoded is encoded the same way for ever");
  return value;
}

export function textOfValue(codec: Codec, value: unknown): Uint8Array {
  return Buffer.from(stringifyJson(codec.encode(value)));
}

export function valueSeeds(): readonly unknown[] {
  const cycle: { self?: unknown; map: Map<unknown, unknown> } = { map: new Map<unknown, unknown>([["a", 1]]) };
  cycle.self = cycle;
  cycle.map.set(cycle, new Set([cycle, 2n ** 70n]));
  const shared = { x: Object.assign(Array(3), { 0: 1, 2: 3 }) };
  return [
    { plain: [1, "two", null, true], undefined: undefined, zero: -0, nan: Number.NaN, lone: "\ud800", $ah: "date" },
    [shared, shared, cycle],
    [new Date(0), new Date(Number.NaN), /a+(b)/gi, new URL("https://example.org/x?y=1")],
    [Buffer.from("hello"), new Float64Array([1, Number.NaN]), new DataView(new ArrayBuffer(3)), new BigInt64Array(2)],
    Object.assign(new TypeError("m", { cause: new Error("c") }), { code: "E", detail: [1] }),
    [new AggregateError([new Error("a"), "b"], "both"), new DOMException("m", "AbortError")],
    Object.assign(Object.create(null) as object, { a: 1 }),
    Object.assign([1, 2], { extra: "x" }),
  ];
}
