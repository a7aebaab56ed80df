import { type Codec, createCodec } from "../codec.js";
import { parseJson } from "../json-parse.js";
import { stringifyJson } from "../json-stringify.js";
import { boxCodec } from "./arbitrary-value.js";

/** A codec that keeps everything `arbitraryValue` makes. */
export const testCodec: Codec = createCodec({ classes: [boxCodec] });

/** The text that a value is stored as. */
export function textOf(value: unknown, codec: Codec = testCodec): string {
  return stringifyJson(codec.encode(value));
}

/** What becomes of a value on its way from one agent to the next. */
export function hop(value: unknown, codec: Codec = testCodec): unknown {
  return codec.decode(parseJson(textOf(value, codec)));
}
