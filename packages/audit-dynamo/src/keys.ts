import { createHash } from "node:crypto";
import { InvalidIdError, type TaskStatus } from "@agenthandoff/core";
import { SHARDS } from "./limits.js";

// Relay ids have no "#", so the first one in a key ends the relay's id, whatever follows it.
const SEPARATOR = "#";

/** The sort key of a task's row. */
export const TASK_SORT_KEY = "task";
export const EVENT_PREFIX = "event#";
const INTENT_PREFIX = "intent#";

/** Everything about a task is in one partition, which nothing about another task is in. */
export function partitionKey(relayId: string, taskId: string): string {
  return `${checkedRelayId(relayId)}${SEPARATOR}${taskId}`;
}

/** The ids that a partition key was made of. */
export function parsePartitionKey(key: string): { readonly relayId: string; readonly taskId: string } {
  const end = key.indexOf(SEPARATOR);
  return { relayId: key.slice(0, end), taskId: key.slice(end + 1) };
}

const EVENT_ID = /^[\0-\x7f]{1,256}$/;

/**
 * @throws InvalidIdError where an id would not sort as DynamoDB sorts (by its bytes), or not fit a key.
 */
export function eventSortKey(id: string): string {
  if (!EVENT_ID.test(id)) throw new InvalidIdError("an audit event's id", String(EVENT_ID));
  return `${EVENT_PREFIX}${id}`;
}

export const intentSortKey = (intentId: string): string => `${INTENT_PREFIX}${intentId}`;

/** The id within the sort key of an event or an intent. */
export const idInSortKey = (sortKey: string): string => sortKey.slice(sortKey.indexOf(SEPARATOR) + 1);

/** How core begins the ids of a hop's events. */
export const hopPrefix = (hop: number): string => String(hop).padStart(10, "0");

/** Whether an event is found by its id where those of its hop are sought. */
export const isUnderItsHop = (id: string, hop: number): boolean => id.startsWith(hopPrefix(hop));

/** Which shard of an index a task is in: always the same, and as many tasks in each. */
export function shardOf(taskId: string): number {
  return createHash("sha256").update(taskId).digest().readUInt32BE() % SHARDS;
}

export const ALL_SHARDS: readonly number[] = Array.from({ length: SHARDS }, (_, shard) => shard);

/** What the index by status tells apart. `open` are the tasks that run: what a reconciler works through. */
export type Shelf = "open" | Exclude<TaskStatus, "running"> | "intent";

export const shelfOf = (status: TaskStatus): Shelf => (status === "running" ? "open" : status);

export const statusShard = (relayId: string, shelf: Shelf, shard: number): string =>
  [checkedRelayId(relayId), shelf, shard].join(SEPARATOR);

export const agentShard = (relayId: string, agent: string, shard: number): string =>
  [checkedRelayId(relayId), agent, shard].join(SEPARATOR);

function checkedRelayId(relayId: string): string {
  if (relayId.includes(SEPARATOR)) throw new InvalidIdError("a relay id", "/^[^#]*$/");
  return relayId;
}
