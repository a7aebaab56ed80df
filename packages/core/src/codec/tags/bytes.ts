import { isDeepStrictEqual } from "node:util";
import { isAnyArrayBuffer, isArrayBuffer, isTypedArray } from "node:util/types";
import { NotUnderstoodError } from "../../errors/index.js";
import { isBlobReference } from "../blob.js";
import { refuseExtras } from "../own-properties.js";
import { type Decoding, type Encoding, json, type Members, optional, stringOf, type Tag } from "../tag.js";
import { toOrFromLittleEndian } from "./byte-order.js";
import { BYTE_TYPE_WIDTHS, BYTE_TYPES, type ByteType } from "./byte-types.js";

// Listing the keys of a view lists its indices too: 200 ms a megabyte.
const MAX_LISTED_ELEMENTS = 4096;

const byPrototype = new Map(BYTE_TYPES.map((type) => [type.prototype, type]));
const byName = new Map(BYTE_TYPES.map((type) => [type.name, type]));

/** Typed arrays, ArrayBuffer, DataView and Buffer: the bytes that they show, not those around them. */
export const bytesTag: Tag = {
  name: "bytes",
  members: { type: json, base64: optional(json), blob: optional(json) },
  take(value, encoding) {
    const type = byPrototype.get(Object.getPrototypeOf(value));
    if (type === undefined) return encoding.refuse("binary data of an unknown kind");
    const bytes = toOrFromLittleEndian(bytesOf(value as ArrayBuffer | ArrayBufferView, type, encoding), type.width);
    const blob = encoding.offerBlob(bytes);
    if (blob !== undefined) return { type: type.name, blob: { sha256: blob.sha256, size: blob.size } };
    return { type: type.name, base64: asBuffer(bytes).toString("base64") };
  },
  make(members, decoding) {
    const name = stringOf(members, "type", decoding);
    const width = BYTE_TYPE_WIDTHS.get(name);
    if (width === undefined) return decoding.malformed("the type of binary data is unknown");
    const bytes = toOrFromLittleEndian(readBytes(members, decoding), width);
    if (bytes.byteLength % width !== 0) return decoding.malformed("binary data ends within an element");
    const type = byName.get(name);
    if (type === undefined) throw new NotUnderstoodError(`a ${name}`, { hint: "this runtime does not have it" });
    // A buffer of its own: aligned, and shared with no cache.
    return type.from(new Uint8Array(bytes).buffer);
  },
};

function bytesOf(value: ArrayBuffer | ArrayBufferView, type: ByteType, encoding: Encoding): Uint8Array {
  const looksRight = isAnyArrayBuffer(value) || ArrayBuffer.isView(value);
  if (!looksRight) return encoding.refuse(`an object that only looks like a ${type.name}`);
  const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
  if (!isArrayBuffer(buffer)) return encoding.refuse("shared memory (a SharedArrayBuffer)", "pass a copy of its bytes");
  if ((buffer as { resizable?: boolean }).resizable === true) {
    return encoding.refuse("a resizable ArrayBuffer", "pass a copy of its bytes");
  }
  if (isDetached(buffer)) return encoding.refuse("a detached ArrayBuffer", "pass it before it is transferred");
  refuseViewExtras(value, type, encoding);
  return ArrayBuffer.isView(value)
    ? new Uint8Array(buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(buffer);
}

function isDetached(buffer: ArrayBuffer): boolean {
  if (buffer.byteLength > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

function refuseViewExtras(value: ArrayBuffer | ArrayBufferView, type: ByteType, encoding: Encoding): void {
  if (!isTypedArray(value)) {
    refuseExtras(value, `a ${type.name}`, encoding);
    return;
  }
  const hasExtras =
    Object.getOwnPropertySymbols(value).length > 0 ||
    (value.length <= MAX_LISTED_ELEMENTS
      ? Object.getOwnPropertyNames(value).length !== value.length
      : // Another view of the same memory differs from this one only by what was added to it.
        !isDeepStrictEqual(value, type.from(value.buffer as ArrayBuffer, value.byteOffset, value.length)));
  if (hasExtras) encoding.refuse(`an extra property of a ${type.name}`, "keep it beside the value, in a plain object");
}

function readBytes(members: Members, decoding: Decoding): Uint8Array {
  if (Object.hasOwn(members, "base64") === Object.hasOwn(members, "blob")) {
    return decoding.malformed("binary data needs base64 or a blob, and not both");
  }
  if (Object.hasOwn(members, "base64")) {
    const text = stringOf(members, "base64", decoding);
    const bytes = Buffer.from(text, "base64");
    return bytes.toString("base64") === text ? bytes : decoding.malformed("base64 is not in its canonical form");
  }
  const { blob } = members;
  if (!isBlobReference(blob)) return decoding.malformed("a reference to a blob is not { sha256, size }");
  const bytes = decoding.readBlob(blob);
  return bytes.byteLength === blob.size ? bytes : decoding.malformed("a blob has not the size that its reference says");
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
