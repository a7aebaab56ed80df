import type { TaskQuery } from "@agenthandoff/core";
import type { QueryCommandInput } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { agentShard, EVENT_PREFIX, hopPrefix, partitionKey, type Shelf, statusShard } from "./keys.js";
import { INDEXES } from "./table.js";

// Every listing is one of these queries, or several; nothing scans the table.

export function eventsOfTask(table: string, relayId: string, taskId: string): QueryCommandInput {
  return eventsUnder(table, relayId, taskId, EVENT_PREFIX);
}

/** The events of a hop, and perhaps of another, whose ids begin with it. */
export function eventsUnderHop(table: string, relayId: string, taskId: string, hop: number): QueryCommandInput {
  return eventsUnder(table, relayId, taskId, EVENT_PREFIX + hopPrefix(hop));
}

function eventsUnder(table: string, relayId: string, taskId: string, prefix: string): QueryCommandInput {
  return {
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: "#pk = :pk AND begins_with(#sk, :prefix)",
    ExpressionAttributeNames: { "#pk": "pk", "#sk": "sk" },
    ExpressionAttributeValues: marshall({ ":pk": partitionKey(relayId, taskId), ":prefix": prefix }),
  };
}

/** The events of a hop whose ids do not begin with it. */
export function eventsElsewhere(table: string, relayId: string, taskId: string, hop: number): QueryCommandInput {
  return {
    TableName: table,
    IndexName: INDEXES.byHop,
    Select: "ALL_ATTRIBUTES",
    ConsistentRead: true,
    KeyConditionExpression: "#pk = :pk AND #otherHop = :hop",
    ExpressionAttributeNames: { "#pk": "pk", "#otherHop": "otherHop" },
    ExpressionAttributeValues: marshall({ ":pk": partitionKey(relayId, taskId), ":hop": hop }),
  };
}

/** A shard's events of an agent, ascending by time. */
export function eventsOfAgent(table: string, relayId: string, agent: string, shard: number): QueryCommandInput {
  return {
    TableName: table,
    IndexName: INDEXES.byAgent,
    KeyConditionExpression: "#agentShard = :agentShard",
    ExpressionAttributeNames: { "#agentShard": "agentShard" },
    ExpressionAttributeValues: marshall({ ":agentShard": agentShard(relayId, agent, shard) }),
  };
}

/** A shard's rows of a status, or intents, ascending by task. */
export function onShelf(
  table: string,
  relayId: string,
  shelf: Shelf,
  shard: number,
  query: TaskQuery = {},
): QueryCommandInput {
  return {
    TableName: table,
    IndexName: INDEXES.byStatus,
    KeyConditionExpression: "#statusShard = :statusShard",
    ...filtered(
      { ...query, status: undefined },
      { "#statusShard": "statusShard" },
      {
        ":statusShard": statusShard(relayId, shelf, shard),
      },
    ),
  };
}

/** The rows of damaged tasks. */
export function damagedTasks(table: string, relayId: string, query: TaskQuery): QueryCommandInput {
  return {
    TableName: table,
    IndexName: INDEXES.byDamage,
    KeyConditionExpression: "#damagedIn = :relay",
    ...filtered({ ...query, damaged: undefined }, { "#damagedIn": "damagedIn" }, { ":relay": relayId }),
  };
}

/** What a key does not decide is left out before it is sent. */
function filtered(
  { status, damaged, updatedBefore }: { [Name in keyof TaskQuery]: TaskQuery[Name] | undefined },
  names: Record<string, string>,
  values: Record<string, string>,
): Partial<QueryCommandInput> {
  const conditions: readonly (readonly [condition: string, name: string, value: unknown])[] = [
    ["#status = :status", "status", status],
    ["#damaged = :damaged", "damaged", damaged],
    ["#updatedAt <= :updatedAt", "updatedAt", updatedBefore],
  ];
  const given = conditions.filter(([, , value]) => value !== undefined);
  return {
    ...(given.length === 0 ? {} : { FilterExpression: given.map(([condition]) => condition).join(" AND ") }),
    ExpressionAttributeNames: { ...names, ...Object.fromEntries(given.map(([, name]) => [`#${name}`, name])) },
    ExpressionAttributeValues: marshall({
      ...values,
      ...Object.fromEntries(given.map(([, name, value]) => [`:${name}`, value])),
    }),
  };
}
