import { StoreError } from "../../errors/index.js";
import {
  compressHandoff,
  decompressHandoff,
  type Frame,
  parseHandoff,
  parseSegment,
  planMerge,
  type StoredHandoff,
  serializeSegment,
} from "../../protocol/index.js";
import type { RelayEnvironment } from "../environment.js";
import { persist } from "./persist.js";
import { type CoveredSpan, extendChain, headOf, type TaskChain } from "./task-chain.js";

/** What became of an attempt to fill a slot. */
export type CommitOutcome =
  | { readonly status: "committed"; readonly chain: TaskChain }
  /** Somebody else's handoff fills it. */
  | { readonly status: "superseded"; readonly by: StoredHandoff };

/**
 * Commits to the next slot: the one place where a task's future is decided.
 * @throws StoreError when even reading back cannot tell what happened; ambiguous, and repaired by whoever comes next
 * @throws TaskErasedError when a tombstone stands there
 * @throws ContextIntegrityError when the handoff does not follow the chain's head; nothing was written then
 */
export async function commit(
  environment: RelayEnvironment,
  chain: TaskChain,
  handoff: StoredHandoff,
): Promise<CommitOutcome> {
  const { taskId } = chain;
  const { hop } = handoff.record;
  const frame = compressHandoff(handoff.raw);
  const taken = planMerge(chain.cover, hop, frame.gzip.length);
  const kept = chain.cover.slice(0, chain.cover.length - taken);
  const first = (kept.at(-1)?.last ?? -1) + 1;
  const frames: readonly Frame[] = [...chain.frames.slice(first), frame];
  const bytes = serializeSegment({ taskId, hop, first, refs: kept.map((span) => span.last), frames });
  const cover: CoveredSpan[] = [
    ...kept,
    { first, last: hop, bytes: frames.reduce((sum, each) => sum + each.gzip.length, 0) },
  ];
  // Before it is written: what no reader would accept must never fill a slot.
  const extended = extendChain(chain, [{ handoff, frame }], cover);

  const outcome = await putOrReadBack(environment, taskId, handoff, bytes);
  if (outcome !== "mine") return { status: "superseded", by: outcome };
  environment.chains.put(extended);
  const { fromAgent, decision } = handoff.record;
  environment.observe({
    kind: "committed",
    taskId,
    hop,
    agent: fromAgent,
    decision: decision.kind,
    bytes: bytes.length,
  });
  environment.changes.notify(taskId);
  return { status: "committed", chain: extended };
}

async function putOrReadBack(
  environment: RelayEnvironment,
  taskId: string,
  handoff: StoredHandoff,
  bytes: Uint8Array,
): Promise<"mine" | StoredHandoff> {
  const { store } = environment.backend;
  const { hop, commitId } = handoff.record;
  const key = environment.keys.slot(taskId, hop);
  // Putting the same bytes again is safe: they carry one commit id, and a slot is filled once.
  return await persist(environment, key, async (signal) => {
    const answer = await store.putIfAbsent(key, bytes, { mediaType: "application/gzip", signal });
    if (answer === "created") return "mine";
    const found = await store.get(key, { signal });
    if (found === undefined)
      throw new StoreError("get", { subject: key, hint: "it was said to exist, yet nothing is there" });
    const winner = ownHandoff(found, taskId, hop);
    // An earlier try of ours may have landed although its answer was lost.
    return winner.record.commitId === commitId ? "mine" : winner;
  });
}

/** The handoff of the very hop whose slot these bytes fill. */
export function ownHandoff(bytes: Uint8Array, taskId: string, hop: number): StoredHandoff {
  const frame = parseSegment(bytes, { taskId, hop }).frames.at(-1);
  if (frame === undefined) throw new RangeError("a segment has at least one frame");
  return parseHandoff(decompressHandoff(frame));
}

/** What a handoff is built on: the head that it follows. */
export function nextHop(chain: TaskChain): { readonly hop: number; readonly previous: string | null } {
  if (chain.handoffs.length === 0) return { hop: 0, previous: null };
  const head = headOf(chain);
  return { hop: head.record.hop + 1, previous: head.sha256 };
}
