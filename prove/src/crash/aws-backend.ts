import { type AwsBackend, aws, type Resources } from "@agenthandoff/aws";
import { credentials, region, type Service } from "@agenthandoff/test-servers";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";

// Apart from the other backends: a function's bundle cannot hold a native module.

/** Where the servers that stand for AWS listen. */
export type Endpoints = Readonly<Record<Service, string>>;

export interface AwsSettings {
  readonly kind: "aws";
  readonly endpoints: Endpoints;
  readonly resources: Resources;
  readonly visibilityMs: number;
}

export function openAws({ resources, visibilityMs, endpoints }: AwsSettings): AwsBackend {
  const clients = clientsOf(endpoints);
  const backend = aws({ ...resources, visibilityMs, clients, onAdvice: () => {} });
  return {
    ...backend,
    async close() {
      await backend.close();
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

export function clientsOf(endpoints: Endpoints): {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
} {
  const configuration = (service: Service) => ({ endpoint: endpoints[service], region, credentials });
  return {
    s3: new S3Client({ ...configuration("s3"), forcePathStyle: true }),
    sqs: new SQSClient(configuration("sqs")),
    dynamodb: new DynamoDBClient(configuration("dynamodb")),
  };
}
