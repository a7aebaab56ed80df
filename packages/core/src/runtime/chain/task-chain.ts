import { type Frame, type Segment, type Span, type StoredHandoff, verifyLink } from "../../protocol/index.js";

/** The verified handoffs of a task's hops 0 … n, with all that is needed to extend and to store them. */
export interface TaskChain {
  readonly relayId: string;
  readonly taskId: string;
  readonly handoffs: readonly StoredHandoff[];
  /** One for each handoff: its bytes as they are stored, copied when segments merge. */
  readonly frames: readonly Frame[];
  /** The segments that cover the chain, ascending. */
  readonly cover: readonly CoveredSpan[];
  /** Bytes of all handoffs, unpacked. */
  readonly rawBytes: number;
}

export interface CoveredSpan extends Span {
  /** Compressed. */
  readonly bytes: number;
}

export function emptyChain(relayId: string, taskId: string): TaskChain {
  return { relayId, taskId, handoffs: [], frames: [], cover: [], rawBytes: 0 };
}

/**
 * The chain with further handoffs.
 * @throws ContextIntegrityError when one does not follow
 */
export function extendChain(
  chain: TaskChain,
  added: readonly { handoff: StoredHandoff; frame: Frame }[],
  cover: readonly CoveredSpan[],
): TaskChain {
  let last = chain.handoffs.at(-1);
  let rawBytes = chain.rawBytes;
  for (const { handoff } of added) {
    verifyLink(last, handoff, chain);
    last = handoff;
    rawBytes += handoff.raw.length;
  }
  return {
    relayId: chain.relayId,
    taskId: chain.taskId,
    handoffs: [...chain.handoffs, ...added.map((each) => each.handoff)],
    frames: [...chain.frames, ...added.map((each) => each.frame)],
    cover,
    rawBytes,
  };
}

/** The chain as it was at an earlier hop. Its cover is left out: nobody extends the past. */
export function chainUpTo(chain: TaskChain, hop: number): TaskChain {
  if (hop >= chain.handoffs.length - 1) return chain;
  const handoffs = chain.handoffs.slice(0, hop + 1);
  const rawBytes = handoffs.reduce((sum, each) => sum + each.raw.length, 0);
  return { ...chain, handoffs, frames: chain.frames.slice(0, hop + 1), cover: [], rawBytes };
}

/** The last handoff of a chain that has one. */
export function headOf(chain: TaskChain): StoredHandoff {
  const head = chain.handoffs.at(-1);
  if (head === undefined) throw new RangeError("an empty chain has no head");
  return head;
}

/** The spans that a segment and its refs say cover the chain. */
export function spansOf(segment: Pick<Segment, "refs" | "first" | "hop">): Span[] {
  let first = 0;
  const spans: Span[] = [];
  for (const last of segment.refs) {
    spans.push({ first, last });
    first = last + 1;
  }
  spans.push({ first: segment.first, last: segment.hop });
  return spans;
}
