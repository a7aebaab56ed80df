import { ContextIntegrityError, ContextTooLargeError } from "../../errors/index.js";
import {
  decompressHandoff,
  type Frame,
  guessCover,
  MAX_HANDOFF_BYTES,
  parseHandoff,
  parseSegment,
  type Segment,
  type Span,
} from "../../protocol/index.js";
import type { RelayEnvironment } from "../environment.js";
import { inParallel } from "./persist.js";
import { type CoveredSpan, chainUpTo, emptyChain, extendChain, spansOf, type TaskChain } from "./task-chain.js";

export interface ChainReading {
  /** Hops 0 … `hop`, verified; `undefined` when the slot of `hop` is empty. */
  readonly chain: TaskChain | undefined;
  /** What stands in the slot after it, where that was asked for: its bytes, or `undefined` when it is empty. */
  readonly next: Uint8Array | undefined;
}

export interface ReadChainOptions {
  /** Also look at the slot after `hop`, in the same round. */
  readonly probeNext?: boolean;
  /** Trust nothing that was read before. */
  readonly fresh?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Reads and verifies the chain up to `hop`: everything that is not known yet in one parallel round, or two when the
 * segments do not lie where the hop's number suggests.
 *
 * @throws ContextIntegrityError when the chain does not verify
 * @throws TaskErasedError when its content was erased
 * @throws NotUnderstoodError when a newer version wrote it
 * @throws StoreError when the store fails; never taken for a missing slot
 */
export async function readChain(
  environment: RelayEnvironment,
  taskId: string,
  hop: number,
  options: ReadChainOptions = {},
): Promise<ChainReading> {
  const { keys, backend, chains } = environment;
  const known = (options.fresh ? undefined : chains.get(taskId)) ?? emptyChain(environment.relayId, taskId);
  const read = options.signal === undefined ? {} : { signal: options.signal };
  const get = (at: number) => backend.store.get(keys.slot(taskId, at), read);
  const isNew = (span: Span) => span.last >= known.handoffs.length;

  const guess = guessCover(hop).filter(isNew);
  const wanted = [...guess.map((span) => span.last), ...(options.probeNext ? [hop + 1] : [])];
  const objects = await inParallel(wanted, get);
  const next = options.probeNext ? objects.pop() : undefined;
  if (guess.length === 0) return { chain: chainUpTo(known, hop), next };

  const head = objects.at(-1);
  if (head === undefined) return { chain: undefined, next };
  const found = new Map(guess.map((span, index) => [span.last, objects[index]]));
  const spans = spansOf(parseSegment(head, { taskId, hop }));
  const missed = spans.filter((span) => isNew(span) && !found.has(span.last));
  const more = await inParallel(missed, async ({ last }) => {
    const bytes = await get(last);
    // Ends the round: a head may name hundreds of thousands of slots that are not there.
    if (bytes === undefined) throw emptySlot(taskId, last);
    return bytes;
  });
  for (const [index, span] of missed.entries()) found.set(span.last, more[index]);

  const chain = assemble(environment, known, spans, found);
  chains.put(chain);
  return { chain, next };
}

function assemble(
  environment: RelayEnvironment,
  known: TaskChain,
  spans: readonly Span[],
  objects: ReadonlyMap<number, Uint8Array | undefined>,
): TaskChain {
  const frames: Frame[] = [];
  const cover: CoveredSpan[] = [];
  for (const span of spans) {
    if (span.last < known.handoffs.length) {
      cover.push({ ...span, bytes: sumOfFrames(known, span) });
      continue;
    }
    const segment = segmentOf(known.taskId, span, objects.get(span.last));
    // What an older segment carried along may have been read already.
    for (const [index, frame] of segment.frames.entries())
      if (span.first + index >= known.handoffs.length) frames.push(frame);
    cover.push({ ...span, bytes: segment.frames.reduce((sum, frame) => sum + frame.gzip.length, 0) });
  }
  refuseTooLarge(environment, known, frames);
  const added = frames.map((frame) => ({ handoff: parseHandoff(decompressHandoff(frame)), frame }));
  return extendChain(known, added, cover);
}

/** Refuses by what the segments announce, before anything is unpacked: packed, it may be a thousandth of that. */
function refuseTooLarge({ limits }: RelayEnvironment, known: TaskChain, frames: readonly Frame[]): void {
  const size = frames.reduce((sum, { rawBytes }) => sum + rawBytes, known.rawBytes);
  // A failure is exempt from the limit, and nothing but a cancellation may follow one that exceeds it.
  const limit = limits.maxContextBytes + MAX_HANDOFF_BYTES;
  if (size <= limit) return;
  const hint = "nothing that this relay writes is; look at who wrote it, or raise maxContextBytes";
  throw new ContextTooLargeError({ what: `the stored context of task ${known.taskId}`, limit, size, hint });
}

function segmentOf(taskId: string, span: Span, bytes: Uint8Array | undefined): Segment {
  if (bytes === undefined) throw emptySlot(taskId, span.last);
  const segment = parseSegment(bytes, { taskId, hop: span.last });
  if (segment.first !== span.first)
    throw new ContextIntegrityError(
      `the chain of task ${taskId} is damaged: the segment of hop ${span.last} begins elsewhere than its successor says`,
    );
  return segment;
}

function emptySlot(taskId: string, hop: number): ContextIntegrityError {
  return new ContextIntegrityError(`the chain of task ${taskId} is damaged: the slot of hop ${hop} is empty`);
}

function sumOfFrames(chain: TaskChain, span: Span): number {
  let bytes = 0;
  for (let hop = span.first; hop <= span.last; hop++) bytes += chain.frames[hop]?.gzip.length ?? 0;
  return bytes;
}
