/** From this size on, in bytes, an object is sent in parts. */
export const MULTIPART_FROM_BYTES: number = 16 * 1024 * 1024;

/** The smallest part, in bytes, of an object that is sent in parts. */
export const PART_BYTES: number = 8 * 1024 * 1024;

/** As many parts as S3 takes of one object. */
export const MAX_PARTS = 10_000;

/** How many parts of one object are under way at the same time. */
export const PARALLEL_PARTS = 4;

/** How long the parts of an object that was given up may take to be removed, in milliseconds. */
export const PARTS_REMOVAL_MS = 10_000;

/** The largest object, in bytes, that is written or read unless the options say otherwise: 1 GiB. It is held in memory whole. */
export const DEFAULT_MAX_OBJECT_BYTES = 1_073_741_824;

/** Between the tries of one call, in milliseconds. */
export const WAITS = { firstWaitMs: 50, longestWaitMs: 2_000 } as const;

/** Where a store finds out whether its bucket keeps conditional writes. No relay's id begins with `_`. */
export const DEFAULT_PROBE_KEY = "_agenthandoff/conditional-writes";
