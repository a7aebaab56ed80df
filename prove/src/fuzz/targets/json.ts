import { canonicalJson, HandoffError, type Json, parseJson, stringifyJson } from "@agenthandoff/core";
import { jsonMutation } from "../mutate/json.js";
import { law, type Target } from "../target.js";
import { JSON_WORDS } from "./words.js";

const SEEDS = [
  '{"a":[1,-2.5e3,"x\\n\\u00e9",null,true,false],"b":{"c":{}}}',
  '[[[[1]]],{"__proto__":{"x":1}},"\\ud83d\\ude00"]',
  "1e21",
  '{"":"","\\"":[],"a b":[0.1,1e-7,123456789012345680000]}',
];

/** Against `JSON.parse`: what is accepted means the same, and what is not JSON is refused by both. */
export const jsonTarget: Target = {
  name: "json",
  seeds: async () => SEEDS.map((seed) => Buffer.from(seed)),
  words: JSON_WORDS,
  mutations: [jsonMutation],
  run(input) {
    const text = Buffer.from(input).toString("utf8");
    const native = nativeParse(text);
    let json: Json;
    try {
      json = parseJson(text);
    } catch (error) {
      const blamesSyntax = HandoffError.isInstance(error) && error.message.startsWith("a text is not JSON");
      law(native === undefined || !blamesSyntax, "what JSON.parse reads is JSON");
      throw error;
    }
    law(native !== undefined, "what JSON.parse refuses is refused");
    const written = stringifyJson(json);
    law(written === stringifyJson(native.json), "what is accepted is what JSON.parse gives");
    law(stringifyJson(parseJson(written)) === written, "what was written reads back");
    const canonical = canonicalJson(json);
    law(canonicalJson(parseJson(canonical)) === canonical, "canonical JSON is its own canonical form");
  },
};

function nativeParse(text: string): { readonly json: Json } | undefined {
  try {
    return { json: JSON.parse(text) as Json };
  } catch {
    return undefined;
  }
}
