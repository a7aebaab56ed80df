/** A run of hops that one segment holds: `first` … `last`. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** Segments merge like the carries of a counter in this base. */
const BASE = 4;

/** A merged segment stays within this many compressed bytes, so that no single write grows without bound. */
export const MAX_MERGED_BYTES: number = 4 * 1024 * 1024;

/**
 * How many of the newest segments before hop `hop` its segment takes along: whole predecessors only, as long as the
 * run (its own hop included) stays within the largest power of 4 that divides `hop + 1`, and the object within `maxBytes`.
 *
 * @param cover the segments that cover hops 0 … hop-1, ascending, with their compressed bytes
 */
export function planMerge(
  cover: readonly (Span & { bytes: number })[],
  hop: number,
  ownBytes: number,
  maxBytes: number = MAX_MERGED_BYTES,
): number {
  const longestRun = largestPowerDividing(hop + 1);
  let run = 1;
  let bytes = ownBytes;
  let taken = 0;
  for (let index = cover.length - 1; index >= 0; index--) {
    const segment = cover[index];
    if (segment === undefined) break;
    run += segment.last - segment.first + 1;
    bytes += segment.bytes;
    if (run > longestRun || bytes > maxBytes) break;
    taken++;
  }
  return taken;
}

/** The spans that cover hops 0 … `hop` when every writer merged by plan: the base-4 digits of `hop + 1`, largest first. */
export function guessCover(hop: number): Span[] {
  const spans: Span[] = [];
  let rest = hop + 1;
  let first = 0;
  let power = 1;
  while (power * BASE <= rest) power *= BASE;
  for (; power >= 1; power /= BASE) {
    for (; rest >= power; rest -= power) {
      spans.push({ first, last: first + power - 1 });
      first += power;
    }
  }
  return spans;
}

function largestPowerDividing(n: number): number {
  let power = 1;
  while (n % (power * BASE) === 0) power *= BASE;
  return power;
}
