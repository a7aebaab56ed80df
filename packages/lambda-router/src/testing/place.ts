import { randomUUID } from "node:crypto";
import { type AwsOptions, aws, ensureResources, type Resources } from "@agenthandoff/aws";
import { createRelay, declareAgent, type Relay } from "@agenthandoff/core";
import { type EventSource, eventSource, type LambdaFunction } from "@agenthandoff/test-servers/lambda";
import type { ClientConfiguration } from "@agenthandoff/test-servers/vitest";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";

export type TestServers = Readonly<Record<"s3" | "sqs" | "dynamodb", ClientConfiguration>>;

export interface TestClients {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
}

/** A relay's bucket, table and queues on test servers, and what a function in a process of its own is told of them. */
export interface Place {
  readonly relayId: string;
  readonly resources: Resources;
  readonly environment: Readonly<Record<string, string>>;
  /** Another set of clients. */
  clients(): TestClients;
  backend(options?: Partial<AwsOptions>): ReturnType<typeof aws>;
  /** As whoever only starts tasks and reads results has it. */
  readonly caller: Relay;
  /** The queue of an agent, feeding a function. */
  source(agent: string, target: LambdaFunction): EventSource;
  /** Puts a message into an agent's queue as it is. */
  send(agent: string, body: string, groupId?: string): Promise<void>;
  dispose(): void;
}

export async function placeOn(
  servers: TestServers,
  agents: readonly string[],
  functionTimeoutMs = 60_000,
): Promise<Place> {
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
  const own = clients();
  const relayId = `test-${randomUUID().slice(0, 18)}`;
  const resources = await ensureResources({
    relayId,
    agents,
    bucket: relayId,
    table: relayId,
    functionTimeoutMs,
    clients: own,
  });
  const backend = (options: Partial<AwsOptions> = {}) => aws({ ...resources, clients: clients(), ...options });
  const caller = createRelay({
    id: relayId,
    agents: agents.map((name) => declareAgent({ name })),
    backend: backend({ clients: own }),
  });
  const queueUrl = (agent: string): string => resources.queues[agent]?.url ?? "";
  return {
    relayId,
    resources,
    environment: {
      AWS_ACCESS_KEY_ID: servers.s3.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: servers.s3.credentials.secretAccessKey,
      AWS_ENDPOINT_URL_S3: servers.s3.endpoint,
      AWS_ENDPOINT_URL_SQS: servers.sqs.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: servers.dynamodb.endpoint,
      RELAY_ID: relayId,
      RESOURCES: JSON.stringify(resources),
    },
    clients,
    backend,
    caller,
    source: (agent, target) => eventSource({ client: own.sqs, queueUrl: queueUrl(agent), target }),
    async send(agent, body, groupId = "task") {
      const message = { body, groupId, deduplicationId: randomUUID() };
      await caller.backend.transport.send({ relayId, agent }, message);
    },
    dispose() {
      for (const { s3, sqs, dynamodb } of made) for (const client of [s3, sqs, dynamodb]) client.destroy();
    },
  };
}
