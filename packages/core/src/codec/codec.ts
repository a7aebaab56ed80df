import { InvalidOptionsError } from "../errors/index.js";
import { type DecodeOptions, decodeJson } from "./decode.js";
import { type EncodeOptions, encodeValue } from "./encode.js";
import { BLOB_THRESHOLD_BYTES, type Json, MAX_VALUE_BYTES, MAX_VALUE_DEPTH } from "./json.js";
import { createRegistry } from "./registry.js";
import type { ClassCodec } from "./tags/class.js";

export interface CodecOptions {
  /** The classes whose instances are kept, beside the built-in ones. */
  readonly classes?: readonly ClassCodec[];
  /** How many arrays and objects may stand inside one another. Default 10,000. */
  readonly maxDepth?: number;
  /** UTF-8 bytes of a value's JSON text. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Binary data of at least this many bytes is offered to `onBlob`. Default 64 KiB. */
  readonly blobThreshold?: number;
}

/** Turns values into plain JSON and back, and loses nothing. */
export interface Codec {
  /**
   * The value as plain JSON, independent of it. JSON-native values stay what they are.
   * Throws `NotSerializableError` with the path of what cannot be kept, `ContextTooDeepError`, `ContextTooLargeError`.
   */
  encode(value: unknown, options?: EncodeOptions): Json;
  /**
   * The value that was encoded, independent of the JSON. Calls no constructor that the data names.
   * Throws `ContextIntegrityError` for what no codec wrote, `NotUnderstoodError` for a class or tag that this codec
   * does not have, `ContextTooDeepError`, `ContextTooLargeError`.
   */
  decode(json: Json, options?: DecodeOptions): unknown;
  /** Whether values of this registered class can be decoded. */
  hasClass(name: string): boolean;
}

export function createCodec(options: CodecOptions = {}): Codec {
  const registry = createRegistry(options.classes ?? []);
  const limits = {
    maxDepth: positive("maxDepth", options.maxDepth ?? MAX_VALUE_DEPTH),
    maxBytes: positive("maxBytes", options.maxBytes ?? MAX_VALUE_BYTES),
    blobThreshold: positive("blobThreshold", options.blobThreshold ?? BLOB_THRESHOLD_BYTES),
  };
  return {
    encode: (value, encodeOptions = {}) => encodeValue(value, registry, limits, encodeOptions),
    decode: (json, decodeOptions = {}) => decodeJson(json, registry, limits, decodeOptions),
    hasClass: (name) => registry.hasClass(name),
  };
}

function positive(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidOptionsError(`the codec's ${name} must be a positive integer`);
}
