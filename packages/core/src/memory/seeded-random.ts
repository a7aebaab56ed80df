import type { Random } from "../ports/index.js";

const ID_BYTES = 18;

/**
 * Chance that repeats itself: the same seed gives the same numbers and ids, on every machine. Its ids are as unique
 * as those of the real one but anybody who knows the seed can guess them, so it is for tests and simulations only.
 */
export function seededRandom(seed: number): Random {
  // The generator is sfc32 (128 bits of state); its state is filled from the seed by splitmix32, so that neighbouring
  // seeds share nothing.
  let mixed = seed | 0;
  const mix = (): number => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let word = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return (word ^ (word >>> 15)) | 0;
  };
  let a = mix();
  let b = mix();
  let c = mix();
  let counter = 1;

  function word(): number {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
  for (let round = 0; round < 12; round++) word();

  return {
    number: () => word() / 2 ** 32,
    id: () => Buffer.from(Array.from({ length: ID_BYTES }, () => word() & 0xff)).toString("base64url"),
  };
}
