import { randomUUID } from "node:crypto";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { type DynamoAuditLog, dynamoAuditLog } from "../dynamo-audit-log.js";
import type { DynamoAuditLogOptions } from "../options.js";
import { auditTable } from "../table.js";

/** A table of a test's own, and clients of it; both are taken away when it is disposed of. */
export interface TestTable extends AsyncDisposable {
  dispose(): Promise<void>;
  readonly name: string;
  /** Another one each time, as another process would have it. */
  client(configuration?: DynamoDBClientConfig): DynamoDBClient;
  /** A log on the table, through a client of its own unless another one is given. */
  open(options?: Partial<DynamoAuditLogOptions>): DynamoAuditLog;
}

export async function testTable(
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
  const dispose = async (): Promise<void> => {
    await client().send(new DeleteTableCommand({ TableName: name }));
    for (const made of clients) made.destroy();
  };
  return {
    name,
    client,
    dispose,
    open: (options) => dynamoAuditLog({ table: name, client: client(), ...options }),
    [Symbol.asyncDispose]: dispose,
  };
}
