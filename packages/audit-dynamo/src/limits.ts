/** The most bytes of its JSON that an event may have. */
export const MAX_EVENT_BYTES = 262_144;

/** What DynamoDB takes as one item, its attributes' names and values together, in bytes. */
export const MAX_ITEM_BYTES = 409_600;

/** Over how many partitions of an index the tasks of a relay are spread: each takes some 1,000 writes a second. */
export const SHARDS = 16;

/** How often a write is tried that another transaction or a throttled index keeps from being made. */
export const MAX_TRIES = 10;

/** Between the tries of one call, in milliseconds. */
export const WAITS = { firstWaitMs: 25, longestWaitMs: 1_000 } as const;

/** How many events an erasure blanks at a time. */
export const BLANKED_AT_ONCE = 16;
