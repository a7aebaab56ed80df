import { errorName, explained } from "@agenthandoff/aws-common";
import { BackendUnusableError } from "@agenthandoff/core";

/** A response whose bytes did not arrive as S3 sent them: cut off, or with another checksum. */
export class BrokenResponseError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "BrokenResponse";
  }
}

// By name, not by status: a proxy's 404 or 412 says nothing about an object.

/** No object has this key. */
export const isMissing = (error: unknown): boolean => errorName(error) === "NoSuchKey";

/** A conditional write found something under its key. */
export const isTaken = (error: unknown): boolean => errorName(error) === "PreconditionFailed";

/** A range begins at or after the object's end. */
export const isPastEnd = (error: unknown): boolean => errorName(error) === "InvalidRange";

/** The server does not know this operation, or a header of it. */
export const isNotImplemented = (error: unknown): boolean => errorName(error) === "NotImplemented";

/** How often a request is made in all, where it failed for a reason that passes and the SDK does not try it again. */
const TRIES: ReadonlyMap<string, number> = new Map([
  // Another write of this key is under way: whether it wins is not decided yet.
  ["ConditionalRequestConflict", 8],
  // The bytes arrived damaged, and S3 kept nothing.
  ["BadDigest", 3],
  ["XAmzContentChecksumMismatch", 3],
  // The SDK repeats a request that failed, but not the reading of its response.
  ["BrokenResponse", 3],
]);

/** How often a request is worth making, in all, when it fails like this. */
export const triesFor = (error: unknown): number => TRIES.get(errorName(error)) ?? 1;

interface Explanation {
  readonly reason: string;
  readonly names: readonly string[];
  readonly say: string;
}

/** What only S3 says, and a person must act on. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    reason: "wrong-region",
    names: ["PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"],
    say: "the bucket lies in another region; set the region to the bucket's",
  },
  {
    reason: "archived",
    names: ["InvalidObjectState"],
    say: "the object lies in an archive class; restore it, and take away the lifecycle rule or tiering that moved it there",
  },
  {
    reason: "object-too-large",
    names: ["EntityTooLarge"],
    say: "the server takes no object of this size; set maxObjectBytes to what it takes, and larger ones are refused where they are made",
  },
];

/** What an error of S3 means for a person, and what to do. */
export function explainedByS3(cause: unknown): unknown {
  const name = errorName(cause);
  const found = EXPLANATIONS.find(({ names }) => names.includes(name));
  if (found === undefined) return explained(cause);
  const detail = cause instanceof Error ? `${name}: ${cause.message}` : name;
  return new BackendUnusableError(`${found.say} (${detail})`, { reason: found.reason, cause });
}
