import { randomUUID } from "node:crypto";
import type { ClientConfiguration } from "@agenthandoff/test-servers/vitest";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { type AwsBackend, aws } from "../aws.js";
import { ensureResources } from "../ensure-resources.js";
import type { AwsOptions } from "../options.js";
import type { ResourceOptions, Resources } from "../resources.js";

export type TestServers = Readonly<Record<"s3" | "sqs" | "dynamodb", ClientConfiguration>>;

/** Clients as another process would have them. */
export interface TestClients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
}

/** A bucket, a table and queues under names that nobody else uses. */
export interface TestResources {
  readonly resources: Resources;
  clients(): TestClients;
  /** Another handle, by default with clients of its own. */
  open(options?: Partial<AwsOptions>): AwsBackend;
  dispose(): void;
}

export async function testResources(
  servers: TestServers,
  options: Partial<ResourceOptions> & Pick<ResourceOptions, "agents">,
): Promise<TestResources> {
  const made: TestClients[] = [];
  const clients = (): TestClients => {
    const each = {
      s3: new S3Client({ ...servers.s3, forcePathStyle: true }),
      sqs: new SQSClient(servers.sqs),
      dynamodb: new DynamoDBClient(servers.dynamodb),
    };
    made.push(each);
    return each;
  };
  const unique = `test-${randomUUID().slice(0, 18)}`;
  const resources = await ensureResources({
    relayId: unique,
    bucket: unique,
    table: unique,
    clients: clients(),
    ...options,
  });
  return {
    resources,
    clients,
    open: (changes = {}) => aws({ ...resources, clients: clients(), ...changes }),
    dispose() {
      for (const { s3, sqs, dynamodb } of made) for (const client of [s3, sqs, dynamodb]) client.destroy();
    },
  };
}
