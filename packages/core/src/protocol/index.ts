export { type AllowedOperation, allowedOperations, taskDeadline, verifyLink } from "./chain.js";
export {
  deduplicationId,
  type Envelope,
  parseEnvelope,
  parseMessage,
  serializeEnvelope,
  type UnversionedMessage,
} from "./envelope.js";
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
  MAX_HOP,
  NAME_PATTERN,
  parseAnyTaskId,
  parseTaskId,
  TASK_ID_PATTERN,
} from "./ids.js";
export { parseObjectLine } from "./json-line.js";
export { createKeys, isPrefix, isProducersKey, type Keys, slotName } from "./keys.js";
export { guessCover, planMerge, type Span } from "./merge-plan.js";
export {
  entryLineSchema,
  envelopeSchema,
  handoffLineSchema,
  segmentHeaderSchema,
  unversionedSchema,
} from "./schemas.js";
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
