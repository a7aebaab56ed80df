export type { BlobReference } from "./blob.js";
export { canonicalJson, canonicalValue } from "./canonical.js";
export { type Codec, type CodecOptions, createCodec } from "./codec.js";
export type { DecodeOptions } from "./decode.js";
export type { EncodeOptions } from "./encode.js";
export {
  isJsonObject,
  type Json,
  MAX_JSON_DEPTH,
  MAX_VALUE_BYTES,
  MAX_VALUE_DEPTH,
} from "./json.js";
export { type ParseLimits, parseJson } from "./json-parse.js";
export { stringifyJson } from "./json-stringify.js";
export type { ClassCodec } from "./tags/class.js";
