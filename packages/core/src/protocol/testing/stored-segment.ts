import { gzipSync } from "node:zlib";
import type { StoredHandoff } from "../handoff.js";
import { compressHandoff, decompressHandoff, parseSegment, type Segment, serializeSegment } from "../segment.js";
import { longChain } from "./sample-chain.js";

export const taskId = "orders-42";
export const chain: readonly StoredHandoff[] = longChain(9);
/** Hops 4 … 7, after the segment of hops 0 … 3. */
export const segment: Segment = {
  taskId,
  hop: 7,
  first: 4,
  refs: [3],
  frames: chain.slice(4, 8).map(({ raw }) => compressHandoff(raw)),
};
export const stored: Uint8Array = serializeSegment(segment);
export const slot: { readonly taskId: string; readonly hop: number } = { taskId, hop: 7 };

/** What a reader gets from a slot: the bytes of each handoff. */
export const readAll = (bytes: Uint8Array, expected: { taskId: string; hop: number } = slot): string[] =>
  parseSegment(bytes, expected).frames.map((frame) => Buffer.from(decompressHandoff(frame)).toString("latin1"));

/** The header of the stored segment. */
export const header: { readonly frames: readonly (readonly number[])[]; readonly [name: string]: unknown } = {
  v: 1,
  task_id: taskId,
  hop: 7,
  first: 4,
  refs: [3],
  frames: segment.frames.map((each) => [each.gzip.length, each.rawBytes]),
};

export const member = (text: string): Uint8Array => gzipSync(Buffer.from(text));

/** The stored segment with other members in its header. */
export const withHeader = (
  members: object,
  body: readonly Uint8Array[] = segment.frames.map((each) => each.gzip),
): Uint8Array => Buffer.concat([member(`${JSON.stringify({ ...header, ...members })}\n`), ...body]);
