import { type Json, stringifyJson } from "../codec/index.js";
import {
  ContextIntegrityError,
  ContextTooLargeError,
  hasCode,
  NotUnderstoodError,
  TaskErasedError,
} from "../errors/index.js";
import { packMember, unpackMember } from "./gzip-member.js";
import { newerVersion, parseObjectLine } from "./json-line.js";
import { type SegmentHeader, segmentHeaderSchema } from "./schemas.js";

/** One handoff in a segment: a gzip member and the size of what it unpacks to. */
export interface Frame {
  readonly gzip: Uint8Array;
  readonly rawBytes: number;
}

/** The stored object that fills a slot: the handoffs of hops `first` … `hop`. */
export interface Segment {
  readonly taskId: string;
  /** The hop of the slot that it fills: the last handoff in it. */
  readonly hop: number;
  readonly first: number;
  /** The last hops of the segments that, with this one, cover 0 … `hop` exactly; ascending. */
  readonly refs: readonly number[];
  /** One for each hop, oldest first. */
  readonly frames: readonly Frame[];
}

const HEADER = "a segment's header";
/** Enough for the refs and frames of a hundred thousand hops. */
const MAX_HEADER_BYTES = 4 * 1024 * 1024;
/** The largest handoff that a reader unpacks, whatever a segment claims. */
export const MAX_HANDOFF_BYTES: number = 1024 * 1024 * 1024;

export function compressHandoff(raw: Uint8Array): Frame {
  return { gzip: packMember(raw), rawBytes: raw.length };
}

/**
 * Unpacks one handoff, within the size that the segment's header announced.
 * @throws ContextIntegrityError
 */
export function decompressHandoff(frame: Frame): Uint8Array {
  const what = "a handoff in a stored segment";
  const { raw, length } = unpackAnnounced(frame, what);
  if (length !== frame.gzip.length) throw new ContextIntegrityError(`${what} has bytes after its end`);
  if (raw.length !== frame.rawBytes) throw new ContextIntegrityError(`${what} is shorter than announced`);
  return raw;
}

function unpackAnnounced({ gzip, rawBytes }: Frame, what: string): { raw: Uint8Array; length: number } {
  try {
    return unpackMember(gzip, rawBytes, what);
  } catch (cause) {
    if (!hasCode(cause, "CONTEXT_TOO_LARGE")) throw cause;
    throw new ContextIntegrityError(`${what} is longer than announced`, { cause });
  }
}

/** A multi-member gzip file: the header line, then one member a handoff. `gunzip -c` reads it. */
export function serializeSegment(segment: Segment): Uint8Array {
  const header: SegmentHeader = {
    v: 1,
    task_id: segment.taskId,
    hop: segment.hop,
    first: segment.first,
    refs: segment.refs,
    frames: segment.frames.map((frame) => [frame.gzip.length, frame.rawBytes]),
  };
  checkCover(header);
  return Buffer.concat([packHeader(header), ...segment.frames.map((frame) => frame.gzip)]);
}

/** What stands in a slot whose content was erased: a header that says so, and no handoff. */
export function serializeTombstone(taskId: string, hop: number): Uint8Array {
  return packHeader({ v: 1, task_id: taskId, hop, first: hop, refs: [], frames: [], erased: true });
}

function packHeader(header: SegmentHeader): Uint8Array {
  return packMember(Buffer.from(`${stringifyJson(header as { readonly [name in keyof SegmentHeader]: Json })}\n`));
}

/**
 * Reads the object that was found in the slot of `hop`; unpacks nothing but its header.
 * @throws ContextIntegrityError when it is not a whole segment of that slot
 * @throws NotUnderstoodError when a newer version wrote it
 * @throws TaskErasedError when it is a tombstone
 * @throws ContextTooLargeError when it announces more than a reader accepts
 */
export function parseSegment(bytes: Uint8Array, expected: { taskId: string; hop: number }): Segment {
  const { header, length } = readHeader(bytes);
  if (header.task_id !== expected.taskId || header.hop !== expected.hop) {
    throw new ContextIntegrityError("a slot holds the segment of another task or hop");
  }
  if (header.erased === true) {
    if (header.frames.length > 0 || length !== bytes.length) {
      throw new ContextIntegrityError("a tombstone has bytes after its header");
    }
    throw new TaskErasedError(expected.taskId);
  }
  checkCover(header);
  const frames: Frame[] = [];
  let offset = length;
  for (const [gzipBytes, rawBytes] of header.frames) {
    if (rawBytes > MAX_HANDOFF_BYTES) {
      throw new ContextTooLargeError({ what: "a stored handoff", limit: MAX_HANDOFF_BYTES, size: rawBytes });
    }
    frames.push({ gzip: bytes.subarray(offset, offset + gzipBytes), rawBytes });
    offset += gzipBytes;
  }
  if (offset > bytes.length) throw new ContextIntegrityError("a stored segment is truncated");
  if (offset < bytes.length) throw new ContextIntegrityError("a stored segment has bytes after its last member");
  return { taskId: header.task_id, hop: header.hop, first: header.first, refs: header.refs, frames };
}

/** A segment holds one handoff for each of its hops, and its refs end where it begins. Any run of 1 or more will do. */
function checkCover({ first, hop, refs, frames }: SegmentHeader): void {
  if (frames.length < 1 || frames.length !== hop - first + 1) {
    throw new ContextIntegrityError("a segment's frames do not match its hops");
  }
  let before = -1;
  for (const last of refs) {
    if (last <= before) throw new ContextIntegrityError("a segment's refs do not ascend");
    before = last;
  }
  if (before !== first - 1) throw new ContextIntegrityError("a segment and its refs do not cover the chain");
}

function readHeader(bytes: Uint8Array): { header: SegmentHeader; length: number } {
  const { raw, length } = unpackMember(bytes, MAX_HEADER_BYTES, HEADER);
  const lineFeed = raw.indexOf(0x0a);
  if (lineFeed === -1 || lineFeed !== raw.length - 1) throw new ContextIntegrityError(`${HEADER} is not one line`);
  const json = parseObjectLine(raw.subarray(0, lineFeed), HEADER);
  const newer = newerVersion(json);
  if (newer !== undefined) throw new NotUnderstoodError(`segment version ${newer}`);
  const { data, error } = segmentHeaderSchema.safeParse(json);
  if (error !== undefined) throw new ContextIntegrityError(`${HEADER} has missing or wrong fields`);
  return { header: data, length };
}
