import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AwsBackend, aws, ensureResources } from "@agenthandoff/aws";
import type { ClientConfiguration } from "@agenthandoff/test-servers/vitest";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { RelayResources } from "../aws/resources.js";
import { AGENTS } from "../commands/agents.js";
import { type AnotherProcess, anotherProcess } from "../commands/another-process.js";
import { FUNCTION_TIMEOUT_MS } from "../lambda/local-functions.js";

export type TestServers = Readonly<Record<"s3" | "sqs" | "dynamodb", ClientConfiguration>>;

/** Named alike wherever it runs, since contexts hold it. */
export const RELAY_ID = "typed-package";

/** A bucket, a table and queues under names that nobody else uses. */
export interface Place extends AsyncDisposable {
  readonly resources: RelayResources;
  /** What other processes find the servers by. */
  readonly environment: Readonly<Record<string, string>>;
  readonly sqs: SQSClient;
  readonly backend: AwsBackend;
  /** A command of this app in another process. */
  command(...args: readonly string[]): AnotherProcess;
}

export async function placeOn(servers: TestServers): Promise<Place> {
  const clients = {
    s3: new S3Client({ ...servers.s3, forcePathStyle: true }),
    sqs: new SQSClient(servers.sqs),
    dynamodb: new DynamoDBClient(servers.dynamodb),
  };
  const folder = await mkdtemp(join(tmpdir(), "relay-aws-test-"));
  const name = `test-${randomUUID().slice(0, 18)}`;
  const made = await ensureResources({
    relayId: name,
    agents: AGENTS,
    bucket: name,
    table: name,
    functionTimeoutMs: FUNCTION_TIMEOUT_MS,
    clients,
  });
  const resources: RelayResources = { relayId: RELAY_ID, ...made };
  const file = join(folder, "resources.json");
  await writeFile(file, JSON.stringify(resources));
  const environment = {
    AWS_ENDPOINT_URL_S3: servers.s3.endpoint,
    AWS_ENDPOINT_URL_SQS: servers.sqs.endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: servers.dynamodb.endpoint,
    AWS_ACCESS_KEY_ID: servers.s3.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: servers.s3.credentials.secretAccessKey,
    AWS_REGION: servers.s3.region,
  };
  return {
    resources,
    environment,
    sqs: clients.sqs,
    backend: aws({ ...made, clients }),
    command: (...args) => anotherProcess(["--resources", file, ...args], { environment }),
    async [Symbol.asyncDispose]() {
      for (const client of Object.values(clients)) client.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
