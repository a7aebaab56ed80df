import type { CreateTableCommandInput, KeySchemaElement, UpdateTimeToLiveCommandInput } from "@aws-sdk/client-dynamodb";

/** The names of the indexes. */
export const INDEXES = {
  /** Events of an agent, by time. */
  byAgent: "byAgent",
  /** Rows by status, and intents. */
  byStatus: "byStatus",
  /** Rows of damaged tasks alone. */
  byDamage: "byDamage",
  /** Events of a hop whose ids do not begin with it. Local to a task, so that it can be read consistently. */
  byHop: "byHop",
} as const;

/** The attribute by which DynamoDB deletes what has outlived its retention: seconds since the epoch. */
export const TIME_TO_LIVE_ATTRIBUTE = "expiresAt";

/** A table's definition, as `CreateTable` takes it. */
export interface AuditTable extends CreateTableCommandInput {
  readonly TableName: string;
  readonly BillingMode: "PAY_PER_REQUEST";
  readonly KeySchema: KeySchemaElement[];
  readonly AttributeDefinitions: { AttributeName: string; AttributeType: "S" | "N" }[];
  readonly GlobalSecondaryIndexes: AuditIndex[];
  readonly LocalSecondaryIndexes: AuditIndex[];
}

export interface AuditIndex {
  readonly IndexName: string;
  readonly KeySchema: KeySchemaElement[];
  readonly Projection: { ProjectionType: "ALL" | "KEYS_ONLY" };
}

/** The table that an audit log needs, for `CreateTable` and to hold other definitions against. */
export function auditTable(name: string): AuditTable {
  return {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: keys("pk", "sk"),
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "S" },
      { AttributeName: "agentShard", AttributeType: "S" },
      { AttributeName: "at", AttributeType: "S" },
      { AttributeName: "statusShard", AttributeType: "S" },
      { AttributeName: "damagedIn", AttributeType: "S" },
      { AttributeName: "otherHop", AttributeType: "N" },
    ],
    GlobalSecondaryIndexes: [
      { IndexName: INDEXES.byAgent, KeySchema: keys("agentShard", "at"), Projection: { ProjectionType: "ALL" } },
      { IndexName: INDEXES.byStatus, KeySchema: keys("statusShard", "pk"), Projection: { ProjectionType: "ALL" } },
      { IndexName: INDEXES.byDamage, KeySchema: keys("damagedIn", "pk"), Projection: { ProjectionType: "ALL" } },
    ],
    // The item and what a local index holds of it share the 400 KB of an item, so keys only: the rest is fetched.
    LocalSecondaryIndexes: [
      { IndexName: INDEXES.byHop, KeySchema: keys("pk", "otherHop"), Projection: { ProjectionType: "KEYS_ONLY" } },
    ],
  };
}

/** What makes DynamoDB delete the events of a log with `retentionDays`, for `UpdateTimeToLive`. */
export function auditTableTimeToLive(name: string): UpdateTimeToLiveCommandInput {
  return {
    TableName: name,
    TimeToLiveSpecification: { AttributeName: TIME_TO_LIVE_ATTRIBUTE, Enabled: true },
  };
}

function keys(partition: string, sort: string): KeySchemaElement[] {
  return [
    { AttributeName: partition, KeyType: "HASH" },
    { AttributeName: sort, KeyType: "RANGE" },
  ];
}
