/** The global variable in which instrumented code counts. */
export const COUNTERS = "__fuzzCounters__";

/** What istanbul's code counts in one file: statements by number, and the ways of each branch. */
interface FileCounters {
  readonly s: Record<string, number>;
  readonly b: Record<string, number[]>;
}

export interface Coverage {
  /** Whether the code just ran somewhere it had not been, or clearly more often than ever before; then counts anew. */
  sawNew(): boolean;
  /** Places and magnitudes seen so far. */
  readonly seen: number;
}

/** How often, as one of eight bits: as AFL does, so that a loop's length counts and not each of its rounds. */
function magnitude(count: number): number {
  if (count <= 3) return 1 << (count - 1);
  if (count <= 7) return 8;
  if (count <= 15) return 16;
  if (count <= 31) return 32;
  return count <= 127 ? 64 : 128;
}

/** Reads the counters of whatever instrumented code has been loaded. */
export function readCoverage(): Coverage {
  const files = (globalThis as unknown as Record<string, Record<string, FileCounters> | undefined>)[COUNTERS] ?? {};
  const lists: { readonly counts: Record<string, number>; readonly length: number; readonly known: Uint8Array }[] = [];
  let watched = 0;
  let seen = 0;

  const watch = (counts: Record<string, number>): void => {
    const { length } = Object.keys(counts);
    lists.push({ counts, length, known: new Uint8Array(length) });
  };
  /** Modules that are loaded later are watched from then on. */
  const watchAll = (): void => {
    const all = Object.values(files);
    for (const { s, b } of all.slice(watched)) {
      watch(s);
      for (const ways of Object.values(b)) watch(ways as unknown as Record<string, number>);
    }
    watched = all.length;
  };

  return {
    sawNew() {
      watchAll();
      let isNew = false;
      for (const { counts, length, known } of lists) {
        for (let index = 0; index < length; index++) {
          const count = counts[index] ?? 0;
          if (count === 0) continue;
          counts[index] = 0;
          const bit = magnitude(count);
          const before = known[index] ?? 0;
          if ((before & bit) !== 0) continue;
          known[index] = before | bit;
          isNew = true;
          seen++;
        }
      }
      return isNew;
    },
    get seen() {
      return seen;
    },
  };
}
