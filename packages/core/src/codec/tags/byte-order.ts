import { endianness } from "node:os";

const HOST_IS_LITTLE_ENDIAN = endianness() === "LE";

/** Reverses each group of `width` bytes, in a copy. */
export function swapBytes(bytes: Uint8Array, width: number): Uint8Array {
  const swapped = new Uint8Array(bytes.byteLength);
  for (let start = 0; start < bytes.byteLength; start += width) {
    for (let offset = 0; offset < width; offset++) {
      swapped[start + offset] = bytes[start + width - 1 - offset] as number;
    }
  }
  return swapped;
}

/** Between the host's byte order and the little-endian one of stored bytes; the same bytes on most machines. */
export function toOrFromLittleEndian(bytes: Uint8Array, width: number): Uint8Array {
  return HOST_IS_LITTLE_ENDIAN || width === 1 ? bytes : swapBytes(bytes, width);
}
