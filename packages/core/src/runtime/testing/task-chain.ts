import { compressHandoff, type StoredHandoff } from "../../protocol/index.js";
import { SAMPLE_IDENTITY, type SampleHop, sampleChain } from "../../protocol/testing/sample-chain.js";
import { type CoveredSpan, emptyChain, extendChain, type TaskChain } from "../chain/task-chain.js";

/** A verified chain of these hops. */
export function taskChain(hops: readonly SampleHop[], cover: readonly CoveredSpan[] = []): TaskChain {
  return chainOf(sampleChain(hops), cover);
}

export function chainOf(handoffs: readonly StoredHandoff[], cover: readonly CoveredSpan[] = []): TaskChain {
  const { relayId, taskId } = SAMPLE_IDENTITY;
  const added = handoffs.map((handoff) => ({ handoff, frame: compressHandoff(handoff.raw) }));
  return extendChain(emptyChain(relayId, taskId), added, cover);
}
