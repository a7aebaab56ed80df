import type { Random } from "@agenthandoff/core";

/** Makes another input of one. May return what it was given, where it finds nothing that it knows how to change. */
export type Mutation = (input: Uint8Array, chance: Chance) => Uint8Array;

/** Choices that repeat themselves for the same seed. */
export interface Chance {
  /** A whole number below `limit`. */
  below(limit: number): number;
  oneOf<T>(items: readonly T[]): T;
  /** A word of the target, or of any other input that was interesting. */
  word(): Uint8Array;
  /** Another input that was interesting. */
  other(): Uint8Array;
}

export function createChance(
  random: Random,
  sources: { readonly words: readonly Uint8Array[]; readonly others: () => readonly Uint8Array[] },
): Chance {
  const below = (limit: number): number => Math.floor(random.number() * limit);
  const oneOf = <T>(items: readonly T[]): T => {
    const item = items[below(items.length)];
    if (item === undefined) throw new RangeError("there is nothing to choose from");
    return item;
  };
  return {
    below,
    oneOf,
    word: () => (sources.words.length > 0 ? oneOf(sources.words) : Uint8Array.of(below(256))),
    other: () => oneOf(sources.others()),
  };
}
