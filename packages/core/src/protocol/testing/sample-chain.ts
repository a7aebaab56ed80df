import type { Decision, EntryLine, HandoffRecord, StoredHandoff } from "../handoff.js";
import { serializeHandoff } from "../handoff-bytes.js";
import { sha256 } from "../hash.js";
import { planMerge, type Span } from "../merge-plan.js";
import { compressHandoff, type Frame, serializeSegment } from "../segment.js";

/** When hop 0 of a sample chain is committed; each further hop comes a minute later. */
export const SAMPLE_START: number = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
export const SAMPLE_IDENTITY = { relayId: "typed-package", taskId: "orders-42" } as const;

export interface SampleHop extends Partial<Omit<HandoffRecord, "decision">> {
  readonly decision: Decision;
  readonly entries?: readonly EntryLine[];
}

/** A chain of handoffs that a reader accepts: what a hop leaves out is filled in as a runtime would. */
export function sampleChain(hops: readonly SampleHop[]): StoredHandoff[] {
  const chain: StoredHandoff[] = [];
  for (const { entries = [], ...given } of hops) {
    const hop = chain.length;
    const before = chain.at(-1);
    const handedTo = before?.record.decision.kind === "handoff" ? before.record.decision.to : null;
    const isCancel = given.decision.kind === "cancel";
    const record: HandoffRecord = {
      v: 1,
      requires: [],
      ...SAMPLE_IDENTITY,
      hop,
      step: hop,
      fromAgent: isCancel ? null : handedTo,
      createdAt: new Date(SAMPLE_START + hop * 60_000).toISOString(),
      commitId: `commit-${hop}`,
      previous: before?.sha256 ?? null,
      origin: null,
      ...(hop === 0 && { inputSha256: sha256("input") }),
      attempt: handedTo === null || isCancel ? null : `message-${hop}.1`,
      usage: null,
      classes: [],
      blobs: [],
      ...given,
    };
    chain.push(serializeHandoff(record, entries));
  }
  return chain;
}

/** `hops` handoffs to and fro, each with a text of about `bytes` bytes, the last of which completes. */
export function longChain(hops: number, bytes = 40): StoredHandoff[] {
  return sampleChain(
    Array.from({ length: hops }, (_, hop) => ({
      decision:
        hop === hops - 1 && hop > 0 ? { kind: "complete" } : { kind: "handoff", to: hop % 2 === 0 ? "code" : "qa" },
      entries: [{ kind: hop === 0 ? "input" : "message", value: `hop ${hop} `.repeat(Math.ceil(bytes / 6)) }],
    })),
  );
}

/** The objects that fill a chain's slots when each writer merges by plan. */
export function storeChain(chain: readonly StoredHandoff[]): Uint8Array[] {
  const frames = chain.map(({ raw }) => compressHandoff(raw));
  const bytesOf = (run: readonly Frame[]) => run.reduce((sum, { gzip }) => sum + gzip.length, 0);
  let cover: (Span & { bytes: number })[] = [];
  return chain.map(({ record: { hop, taskId } }) => {
    const taken = planMerge(cover, hop, bytesOf(frames.slice(hop, hop + 1)));
    cover = cover.slice(0, cover.length - taken);
    const refs = cover.map(({ last }) => last);
    const first = (refs.at(-1) ?? -1) + 1;
    const run = frames.slice(first, hop + 1);
    cover.push({ first, last: hop, bytes: bytesOf(run) });
    return serializeSegment({ taskId, hop, first, refs, frames: run });
  });
}
