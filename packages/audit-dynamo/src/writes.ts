import type { AuditEvent, TaskRow } from "@agenthandoff/core";
import type { Delete, Put, Update } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { blankedDetail, type Item, itemOfEvent, itemOfRow } from "./items.js";
import { eventSortKey, partitionKey, shardOf, shelfOf, statusShard, TASK_SORT_KEY } from "./keys.js";

/** One write, that DynamoDB makes alone or in a transaction with others, if its condition is met. */
export type Write = { readonly Put: Put } | { readonly Update: Update } | { readonly Delete: Delete };

export const keyOf = (relayId: string, taskId: string, sortKey: string): Item =>
  marshall({ pk: partitionKey(relayId, taskId), sk: sortKey });

/** An event that is there stays as it is. */
export function putEvent(table: string, event: AuditEvent, expiresAt?: number): Write {
  return {
    Put: {
      TableName: table,
      Item: itemOfEvent(event, expiresAt),
      ConditionExpression: "attribute_not_exists(#pk)",
      ExpressionAttributeNames: { "#pk": "pk" },
    },
  };
}

/** Forward only: a row never goes back to an earlier head. */
export function advanceRow(table: string, row: TaskRow): Write {
  return {
    Put: {
      TableName: table,
      Item: itemOfRow(row),
      ConditionExpression: "attribute_not_exists(#pk) OR #headHop < :headHop",
      ExpressionAttributeNames: { "#pk": "pk", "#headHop": "headHop" },
      ExpressionAttributeValues: marshall({ ":headHop": row.headHop }),
    },
  };
}

/** On the row that is there, and none where there is none. */
export function flagDamage(table: string, relayId: string, taskId: string, damaged: boolean): Write {
  return {
    Update: {
      TableName: table,
      Key: keyOf(relayId, taskId, TASK_SORT_KEY),
      UpdateExpression: damaged
        ? "SET #damaged = :damaged, #damagedIn = :relay"
        : "SET #damaged = :damaged REMOVE #damagedIn",
      ConditionExpression: "attribute_exists(#pk)",
      ExpressionAttributeNames: { "#pk": "pk", "#damaged": "damaged", "#damagedIn": "damagedIn" },
      ExpressionAttributeValues: marshall({ ":damaged": damaged, ...(damaged ? { ":relay": relayId } : {}) }),
    },
  };
}

/** Only where the event is still there: one that has expired meanwhile must not come back. */
export function blankEvent(table: string, event: AuditEvent, keep: ReadonlySet<string>): Write {
  return {
    Update: {
      TableName: table,
      Key: keyOf(event.relayId, event.taskId, eventSortKey(event.id)),
      UpdateExpression: "SET #detail = :detail",
      ConditionExpression: "attribute_exists(#pk)",
      ExpressionAttributeNames: { "#pk": "pk", "#detail": "detail" },
      ExpressionAttributeValues: marshall({ ":detail": blankedDetail(event, keep) }),
    },
  };
}

/** On the row that is there, and none where there is none. */
export function eraseRow(table: string, relayId: string, taskId: string): Write {
  return {
    Update: {
      TableName: table,
      Key: keyOf(relayId, taskId, TASK_SORT_KEY),
      UpdateExpression: "SET #status = :status, #statusShard = :shard",
      ConditionExpression: "attribute_exists(#pk)",
      ExpressionAttributeNames: { "#pk": "pk", "#status": "status", "#statusShard": "statusShard" },
      ExpressionAttributeValues: marshall({
        ":status": "erased",
        ":shard": statusShard(relayId, shelfOf("erased"), shardOf(taskId)),
      }),
    },
  };
}
