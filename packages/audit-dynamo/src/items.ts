import { type AuditEvent, type Intent, type Json, parseJson, stringifyJson, type TaskRow } from "@agenthandoff/core";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { z } from "zod";
import {
  agentShard,
  eventSortKey,
  idInSortKey,
  intentSortKey,
  isUnderItsHop,
  parsePartitionKey,
  partitionKey,
  shardOf,
  shelfOf,
  statusShard,
  TASK_SORT_KEY,
} from "./keys.js";

// What is kept as what: pure, both ways. Loose on reading, so that what a newer version adds does not hide the rest.

export type Item = Record<string, AttributeValue>;

const text = z.string();
const keyed = { pk: text, sk: text };
const eventItem = z.looseObject({
  ...keyed,
  ...{ hop: z.number(), kind: text, at: text, agent: text.optional(), detail: text },
});
const rowItem = z.looseObject({
  ...keyed,
  status: z.enum(["running", "waiting", "failed", "completed", "canceled", "erased"]),
  ...{ headHop: z.number(), headSha256: text, agent: text.nullable(), updatedAt: text, damaged: z.boolean() },
});
const intentItem = z.looseObject({ ...keyed, requestId: text, operation: text, at: text });
const detailSchema: z.ZodType<AuditEvent["detail"]> = z.custom<AuditEvent["detail"]>(
  (json) => typeof json === "object" && json !== null && !Array.isArray(json),
);

/** `expiresAt`, in seconds since the epoch: when DynamoDB may delete it. */
export function itemOfEvent(event: AuditEvent, expiresAt?: number): Item {
  const { relayId, taskId, id, hop, kind, at, agent, detail } = event;
  return marshall({
    pk: partitionKey(relayId, taskId),
    sk: eventSortKey(id),
    ...{ hop, kind, at },
    // One text: numbers, names and depth stay exactly what they are, and no name in it is an attribute's.
    detail: stringifyJson(detail),
    ...(agent === undefined ? {} : { agent, agentShard: agentShard(relayId, agent, shardOf(taskId)) }),
    ...(isUnderItsHop(id, hop) ? {} : { otherHop: hop }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
}

/** @throws when this is not what `itemOfEvent` makes. */
export function eventOfItem(item: Item): AuditEvent {
  const { pk, sk, hop, kind, at, agent, detail } = eventItem.parse(unmarshall(item));
  const event = { id: idInSortKey(sk), ...parsePartitionKey(pk), hop, kind, at };
  return { ...event, ...(agent === undefined ? {} : { agent }), detail: detailOf(detail) };
}

function detailOf(json: string): AuditEvent["detail"] {
  // However deep: what was kept once must not make the task's other events unreadable.
  return detailSchema.parse(parseJson(json, { maxDepth: Number.POSITIVE_INFINITY }));
}

/** An event's detail with the members alone that `keep` names, as it is stored. */
export function blankedDetail(event: AuditEvent, keep: ReadonlySet<string>): string {
  const kept: [string, Json][] = Object.entries(event.detail).filter(([name]) => keep.has(name));
  return stringifyJson(Object.fromEntries(kept));
}

export function itemOfRow(row: TaskRow): Item {
  const { relayId, taskId, status, headHop, headSha256, agent, updatedAt, damaged } = row;
  return marshall({
    pk: partitionKey(relayId, taskId),
    sk: TASK_SORT_KEY,
    ...{ status, headHop, headSha256, agent, updatedAt, damaged },
    statusShard: statusShard(relayId, shelfOf(status), shardOf(taskId)),
    ...(damaged ? { damagedIn: relayId } : {}),
  });
}

/** @throws when this is not what `itemOfRow` makes. */
export function rowOfItem(item: Item): TaskRow {
  const { pk, status, headHop, headSha256, agent, updatedAt, damaged } = rowItem.parse(unmarshall(item));
  return { ...parsePartitionKey(pk), status, headHop, headSha256, agent, updatedAt, damaged };
}

export function itemOfIntent({ relayId, taskId, intentId, requestId, operation, at }: Intent): Item {
  return marshall({
    pk: partitionKey(relayId, taskId),
    sk: intentSortKey(intentId),
    ...{ requestId, operation, at },
    statusShard: statusShard(relayId, "intent", shardOf(taskId)),
  });
}

/** @throws when this is not what `itemOfIntent` makes. */
export function intentOfItem(item: Item): Intent {
  const { pk, sk, requestId, operation, at } = intentItem.parse(unmarshall(item));
  return { ...parsePartitionKey(pk), intentId: idInSortKey(sk), requestId, operation, at };
}
