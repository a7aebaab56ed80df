import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { credentials, region } from "../credentials.js";
import type { ServerName } from "../services.js";
import { type Servers, startServers } from "../start-servers.js";
import { DEVIATIONS } from "./deviations.js";
import { DYNAMODB_FACTS } from "./dynamodb.js";
import type { Fact } from "./fact.js";
import { S3_FACTS } from "./s3.js";
import { SQS_LIMIT_FACTS } from "./sqs-limits.js";
import { SQS_ORDER_FACTS } from "./sqs-order.js";

const promises = <Client>(
  server: ServerName,
  facts: readonly Fact<Client>[],
  connect: (endpoint: string) => Client,
): void => {
  describe(server, () => {
    let servers: Servers<ServerName>;
    let client: Client;
    beforeAll(async () => {
      servers = await startServers([server]);
      client = connect(servers.servers[server].endpoint);
    });
    afterAll(() => servers.stop());
    for (const { id, promise, aws, observe } of facts) {
      const here = DEVIATIONS[server][id];
      it(here === undefined ? promise : `deviates: AWS says that ${promise}`, async () => {
        expect(await observe(client)).toBe(here ?? aws);
      });
    }
  });
};

const options = (endpoint: string) => ({ endpoint, region, credentials, maxAttempts: 1 });

promises("moto-s3", S3_FACTS, (endpoint) => new S3Client({ ...options(endpoint), forcePathStyle: true }));
const SQS_FACTS = [...SQS_ORDER_FACTS, ...SQS_LIMIT_FACTS];
for (const server of ["elasticmq", "moto-sqs"] as const) {
  promises(server, SQS_FACTS, (endpoint) => new SQSClient(options(endpoint)));
}
for (const server of ["dynamodb-local", "moto-dynamodb"] as const) {
  promises(server, DYNAMODB_FACTS, (endpoint) => new DynamoDBClient(options(endpoint)));
}
