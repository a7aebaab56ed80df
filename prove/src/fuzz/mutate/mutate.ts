import { byteMutations } from "./bytes.js";
import type { Chance, Mutation } from "./mutation.js";

/** Longer inputs find nothing that shorter ones do not, and take longer. */
export const MAX_INPUT_BYTES = 65_536;

/** Another input: one change or a few, half of them of the target's own kind where it has any. */
export function mutate(input: Uint8Array, chance: Chance, own: readonly Mutation[] = []): Uint8Array {
  let changed = input;
  for (let rounds = 1 + chance.below(4); rounds > 0; rounds--) {
    const mutations = own.length > 0 && chance.below(2) === 0 ? own : byteMutations;
    changed = chance.oneOf(mutations)(changed, chance);
    if (changed.length > MAX_INPUT_BYTES) changed = changed.subarray(0, MAX_INPUT_BYTES);
  }
  return changed;
}
