import { dynamoAuditLog } from "@agenthandoff/audit-dynamo";
import { clientDefaults, errorName, explained } from "@agenthandoff/aws-common";
import type { SqsQueue } from "@agenthandoff/transport-sqs";
import {
  CreateTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import {
  HIGH_THROUGHPUT,
  type QueueDefinition,
  type ResourceDefinitions,
  type ResourceOptions,
  type Resources,
  resourcesFor,
} from "./resources.js";

const LONGEST_WAIT_SECONDS = 300;

/**
 * Creates what a relay needs where it is missing, and resolves to what `aws()` takes. For development and tests: queues
 * are brought up to date, a bucket is made versioned, and nothing is ever removed. In production use infrastructure as
 * code, with a key of your own and a role for each agent.
 * @throws InvalidOptionsError that names each option at fault
 * @throws BackendUnusableError where a bucket or table of that name is somebody else's or of another kind, or where
 *   AWS refuses
 */
export async function ensureResources(options: ResourceOptions): Promise<Resources> {
  const definitions = resourcesFor(options);
  const defaults = clientDefaults(options.region);
  const own: { destroy(): void }[] = [];
  const keep = <Client extends { destroy(): void }>(client: Client): Client => {
    own.push(client);
    return client;
  };
  const s3 = options.clients?.s3 ?? keep(new S3Client(defaults));
  const sqs = options.clients?.sqs ?? keep(new SQSClient(defaults));
  const dynamodb = options.clients?.dynamodb ?? keep(new DynamoDBClient(defaults));
  try {
    const [queues] = await Promise.all([
      Promise.all(definitions.queues.map(async (queue) => [queue.agent, await ensureQueues(sqs, queue)] as const)),
      ensureBucket(s3, definitions.bucket),
      ensureTable(dynamodb, definitions, options),
    ]);
    return { bucket: options.bucket, table: options.table, queues: Object.fromEntries(queues) };
  } catch (error) {
    throw explained(error);
  } finally {
    for (const client of own) client.destroy();
  }
}

async function ensureBucket(client: S3Client, { name, versioning }: ResourceDefinitions["bucket"]): Promise<void> {
  const region = await client.config.region();
  // The oldest region refuses to be named.
  const where = region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: region as never } };
  await client.send(new CreateBucketCommand({ Bucket: name, ...where })).catch((error: unknown) => {
    if (errorName(error) !== "BucketAlreadyOwnedByYou") throw error;
  });
  await client.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: versioning } }));
}

async function ensureQueues(client: SQSClient, definition: QueueDefinition): Promise<SqsQueue> {
  const deadLetterUrl = await ensureQueue(client, definition.deadLetterName, definition.deadLetterAttributes);
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames: ["QueueArn"] }),
  );
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: Attributes?.QueueArn,
    maxReceiveCount: definition.maxReceiveCount,
  });
  const url = await ensureQueue(client, definition.name, { ...definition.attributes, RedrivePolicy });
  return { url, deadLetterUrl };
}

async function ensureQueue(
  client: SQSClient,
  name: string,
  attributes: Readonly<Record<string, string>>,
): Promise<string> {
  // With FifoQueue alone this finds a queue of that name, whatever its other attributes are.
  const { QueueUrl = "" } = await client.send(
    new CreateQueueCommand({ QueueName: name, Attributes: { FifoQueue: "true" } }),
  );
  const { FifoQueue: _, ...changeable } = attributes;
  await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: changeable }));
  await client
    .send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { ...HIGH_THROUGHPUT } }))
    .catch((error: unknown) => {
      // A server that does not know these has no such limit.
      if (errorName(error) !== "InvalidAttributeName") throw error;
    });
  return QueueUrl;
}

async function ensureTable(
  client: DynamoDBClient,
  { table, timeToLive }: ResourceDefinitions,
  { auditRetentionDays }: ResourceOptions,
): Promise<void> {
  const { TableName } = table;
  await client.send(new CreateTableCommand(table)).catch((error: unknown) => {
    if (errorName(error) !== "ResourceInUseException") throw error;
  });
  await waitUntilTableExists({ client, maxWaitTime: LONGEST_WAIT_SECONDS, minDelay: 1 }, { TableName });
  if (timeToLive !== undefined) {
    // Enabling what is enabled is an error.
    const { TimeToLiveDescription: now } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
    if (now?.TimeToLiveStatus !== "ENABLED" && now?.TimeToLiveStatus !== "ENABLING")
      await client.send(new UpdateTimeToLiveCommand(timeToLive));
  }
  const retention = auditRetentionDays === undefined ? {} : { retentionDays: auditRetentionDays };
  await dynamoAuditLog({ table: TableName, client, ...retention }).check();
}
