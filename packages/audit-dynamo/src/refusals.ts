import { errorName } from "@agenthandoff/aws-common";
import { BackendUnusableError } from "@agenthandoff/core";
import type { Write } from "./writes.js";

// What DynamoDB says of writes that it did not make.

interface Reason {
  readonly Code?: string | undefined;
  readonly Message?: string | undefined;
}

const MET = "None";
const NOT_MET = "ConditionalCheckFailed";
const PASSING: readonly (string | undefined)[] = [
  "TransactionConflict",
  "ProvisionedThroughputExceeded",
  "ThrottlingError",
];

/** One reason for each write, in their order; empty where it was no transaction that failed. */
function reasonsOf(error: unknown): readonly Reason[] {
  if (errorName(error) !== "TransactionCanceledException") return [];
  return (error as { readonly CancellationReasons?: readonly Reason[] }).CancellationReasons ?? [];
}

/** The writes whose conditions were not met, where that is all that kept DynamoDB from making them. */
export function refusedWrites(error: unknown, writes: readonly Write[]): ReadonlySet<Write> | undefined {
  if (errorName(error) === "ConditionalCheckFailedException") return new Set(writes);
  const reasons = reasonsOf(error);
  if (!reasons.every(({ Code }) => Code === MET || Code === NOT_MET)) return undefined;
  const refused = new Set(writes.filter((_, index) => reasons[index]?.Code === NOT_MET));
  return refused.size === 0 ? undefined : refused;
}

/**
 * Whether the same writes may be made a moment later, and the SDK does not try again by itself: they met another
 * transaction, or an index or partition that was throttled.
 */
export function isPassing(error: unknown): boolean {
  if (["TransactionConflictException", "TransactionInProgressException"].includes(errorName(error))) return true;
  return reasonsOf(error).some(({ Code }) => PASSING.includes(Code));
}

/** The error that tells what is the matter: a canceled transaction's own says only that it was canceled. */
export function toldApart(error: unknown, table: string): unknown {
  const reason = reasonsOf(error).find(({ Code }) => Code !== undefined && Code !== MET && Code !== NOT_MET);
  const cause =
    reason === undefined
      ? error
      : Object.assign(new Error(reason.Message ?? reason.Code, { cause: error }), { name: reason.Code });
  if (!["ValidationException", "ValidationError"].includes(errorName(cause))) return cause;
  const words = cause instanceof Error ? ` (${cause.message})` : "";
  return new BackendUnusableError(
    `DynamoDB does not take this request; compare the keys and indexes of table ${table} with auditTable()${words}`,
    { reason: "table", cause },
  );
}
