export { type AllowedOperation, allowedOperations, type ChainIdentity, taskDeadline, verifyLink } from "./chain.js";
export { deduplicationId, type Envelope, type EnvelopeReading, parseEnvelope, serializeEnvelope } from "./envelope.js";
export {
  type BlobRecord,
  type Decision,
  type EntryLine,
  type ErrorSummary,
  type HandoffRecord,
  isFinal,
  type Origin,
  type StartOptions,
  type StoredHandoff,
  stateAfter,
  type TaskState,
  type Usage,
  type WaitCondition,
} from "./handoff.js";
export { parseEntries, parseHandoff, serializeHandoff } from "./handoff-bytes.js";
export { sha256 } from "./hash.js";
export {
  ANY_TASK_ID_PATTERN,
  derivedTaskId,
  MAX_HOP,
  NAME_PATTERN,
  parseAgentName,
  parseAnyTaskId,
  parseRelayId,
  parseTaskId,
  TASK_ID_PATTERN,
} from "./ids.js";
export { createKeys, type Keys, slotName } from "./keys.js";
export { guessCover, MAX_MERGED_BYTES, planMerge, type Span } from "./merge-plan.js";
export { entryLineSchema, envelopeSchema, handoffLineSchema, segmentHeaderSchema } from "./schemas.js";
export {
  compressHandoff,
  decompressHandoff,
  type Frame,
  MAX_HANDOFF_BYTES,
  parseSegment,
  type Segment,
  serializeSegment,
  serializeTombstone,
} from "./segment.js";
export { startOptionsToWire } from "./wire.js";
