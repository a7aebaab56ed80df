import type { Chance, Mutation } from "./mutation.js";

const INTERESTING = [0, 1, 0x7f, 0x80, 0xff, 0x0a, 0x22, 0x2e, 0x2f, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x1f, 0x8b];

/** A stretch of an input, sometimes all of it, mostly short. */
function stretch(input: Uint8Array, chance: Chance): { readonly start: number; readonly end: number } {
  const start = chance.below(input.length + 1);
  const longest = chance.oneOf([1, 4, 16, 64, input.length]);
  return { start, end: Math.min(input.length, start + chance.below(longest + 1)) };
}

const replace = (input: Uint8Array, start: number, end: number, middle: Uint8Array): Uint8Array =>
  Buffer.concat([input.subarray(0, start), middle, input.subarray(end)]);

function setByte(input: Uint8Array, chance: Chance, value: (old: number) => number): Uint8Array {
  if (input.length === 0) return Uint8Array.of(chance.below(256));
  const changed = Uint8Array.from(input);
  const at = chance.below(input.length);
  changed[at] = value(changed[at] ?? 0);
  return changed;
}

/** Changes that know nothing of what the bytes mean. */
export const byteMutations: readonly Mutation[] = [
  (input, chance) => setByte(input, chance, (old) => old ^ (1 << chance.below(8))),
  (input, chance) => setByte(input, chance, () => chance.oneOf(INTERESTING)),
  (input, chance) => setByte(input, chance, (old) => old + chance.below(9) - 4),
  function remove(input, chance) {
    const { start, end } = stretch(input, chance);
    return replace(input, start, end, new Uint8Array(0));
  },
  function cut(input, chance) {
    return input.subarray(0, chance.below(input.length + 1));
  },
  function repeat(input, chance) {
    const { start, end } = stretch(input, chance);
    const piece = input.subarray(start, end);
    const times = chance.oneOf([2, 3, 8, 64, 1024]);
    return replace(input, start, end, Buffer.concat(Array.from({ length: times }, () => piece)));
  },
  function insertWord(input, chance) {
    const { start } = stretch(input, chance);
    return replace(input, start, start, chance.word());
  },
  function overwriteWithWord(input, chance) {
    const { start, end } = stretch(input, chance);
    return replace(input, start, end, chance.word());
  },
  function splice(input, chance) {
    const other = chance.other();
    const from = stretch(other, chance);
    const { start, end } = stretch(input, chance);
    return replace(input, start, end, other.subarray(from.start, from.end));
  },
];
