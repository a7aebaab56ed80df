export type { SqsCheckOptions } from "./check.js";
export {
  DEDUPLICATION_MS,
  DEFAULT_MESSAGE_BYTES,
  LARGEST_MESSAGE_BYTES,
  MAX_BATCH_ENTRIES,
  MAX_REASON_CHARACTERS,
  MAX_VISIBILITY_MS,
  MAX_WAIT_SECONDS,
  REASON_BYTES,
} from "./limits.js";
export type { SqsTransportOptions } from "./options.js";
export type { SqsQueue, SqsQueues } from "./queues.js";
export type { SqsRecord } from "./sqs-message.js";
export { type SqsTransport, sqsTransport } from "./sqs-transport.js";
export { traceHeader, traceparentOf } from "./trace-header.js";
