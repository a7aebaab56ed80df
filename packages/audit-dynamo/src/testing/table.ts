import { randomUUID } from "node:crypto";
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll } from "vitest";
import { type AuditTable, auditTable } from "../table.js";

/** A table that is there while a suite runs, and clients of it. */
export interface TestTable {
  readonly name: string;
  /** Another one each time, as another process would have it. Freed when the suite ends. */
  client(configuration?: DynamoDBClientConfig): DynamoDBClient;
}

/** Call it inside a `describe`. */
export function testTable(
  server: DynamoDBClientConfig,
  define: (name: string) => AuditTable | Partial<AuditTable> = auditTable,
): TestTable {
  const name = `audit-${randomUUID()}`;
  const clients: DynamoDBClient[] = [];
  const client = (configuration: DynamoDBClientConfig = {}): DynamoDBClient => {
    const made = new DynamoDBClient({ ...server, ...configuration });
    clients.push(made);
    return made;
  };
  beforeAll(async () => {
    const definition = define(name) as AuditTable;
    await client().send(new CreateTableCommand(definition));
    await waitUntilTableExists({ client: client(), maxWaitTime: 60, minDelay: 1 }, { TableName: name });
  });
  afterAll(async () => {
    await client().send(new DeleteTableCommand({ TableName: name }));
    for (const made of clients) made.destroy();
  });
  return { name, client };
}
