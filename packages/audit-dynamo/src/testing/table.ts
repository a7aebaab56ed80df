import { randomUUID } from "node:crypto";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { auditTable } from "../table.js";

/** A table of a test's own, and clients of it. */
export interface TestTable {
  readonly name: string;
  /** Another one each time, as another process would have it. */
  client(configuration?: DynamoDBClientConfig): DynamoDBClient;
  /** Takes the table and the clients away. */
  dispose(): Promise<void>;
}

export async function createTestTable(
  server: DynamoDBClientConfig,
  define: (name: string) => CreateTableCommandInput = auditTable,
): Promise<TestTable> {
  const name = `audit-${randomUUID()}`;
  const clients: DynamoDBClient[] = [];
  const client = (configuration: DynamoDBClientConfig = {}): DynamoDBClient => {
    const made = new DynamoDBClient({ ...server, ...configuration });
    clients.push(made);
    return made;
  };
  await client().send(new CreateTableCommand(define(name)));
  await waitUntilTableExists({ client: client(), maxWaitTime: 60 }, { TableName: name });
  return {
    name,
    client,
    async dispose() {
      await client().send(new DeleteTableCommand({ TableName: name }));
      for (const made of clients) made.destroy();
    },
  };
}
