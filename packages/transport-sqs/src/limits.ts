// Quotas of Amazon SQS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html

/** The most messages that one ReceiveMessage yields, or one batch changes. */
export const MAX_BATCH_ENTRIES = 10;

/** The longest that one ReceiveMessage waits, in seconds. */
export const MAX_WAIT_SECONDS = 20;

/** The longest that a receipt keeps a message invisible, from the receipt on, however often it is extended: 12 hours. */
export const MAX_VISIBILITY_MS = 43_200_000;

/** For how long SQS drops a repeated deduplication id: 5 minutes. */
export const DEDUPLICATION_MS = 300_000;

/** The largest message, in bytes, that a queue can be set up to take: 1 MiB. */
export const LARGEST_MESSAGE_BYTES = 1_048_576;

/** What queues take that were made before August 2025, or by tools that say so; an envelope has about 1 KB. */
export const DEFAULT_MESSAGE_BYTES = 262_144;

/** As many characters of the reason for a rejection as are kept. */
export const MAX_REASON_CHARACTERS = 1_024;

/**
 * What a dead letter's reason may take beside the body, in bytes: attributes count towards the size of a message.
 * 1,024 characters of UTF-8, escaped ones included, with the attribute's name and type.
 */
export const REASON_BYTES = 8_192;
