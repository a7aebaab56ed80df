/** The largest object that the store takes, in bytes: SQLite keeps at most 10^9 bytes in a row. */
export const MAX_OBJECT_BYTES = 999_000_000;

/** The largest body of a message, in bytes: as much as SQS takes. */
export const MAX_MESSAGE_BYTES = 1_048_576;

/** The largest audit event, in bytes of its JSON. */
export const MAX_EVENT_BYTES = 262_144;

/** The longest time that a message can stay invisible, in milliseconds: 12 hours, as in SQS. */
export const MAX_VISIBILITY_MS = 43_200_000;

/** For how long a repeated deduplication id is dropped, in milliseconds: 5 minutes, as in SQS. */
export const DEDUPLICATION_MS = 300_000;

/** As many characters of the reason for a rejection as are kept. */
export const MAX_REASON_CHARACTERS = 1_024;
