/** Byte offsets: `start` inclusive, `end` exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** The value of HTTP's `Range`, which cannot say "no bytes": an empty range asks for one, and `cut` drops it. */
export function rangeHeader({ start, end }: Range): string {
  return `bytes=${start}-${Math.max(start, end - 1)}`;
}

/** The bytes that were asked for, of a response that holds the range, or the whole object where a server ignores ranges. */
export function cut(bytes: Uint8Array, { start, end }: Range, isWhole: boolean): Uint8Array {
  const length = Math.max(0, end - start);
  return isWhole ? bytes.subarray(start, start + length) : bytes.subarray(0, length);
}
