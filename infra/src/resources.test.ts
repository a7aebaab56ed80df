import { aws, ensureResources } from "@agenthandoff/aws";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { type Applied, applied, type Values } from "./state.js";
import { describeWithEngine } from "./testing/describe-with-engine.js";
import { recordingClients, type SetUp } from "./testing/recording-clients.js";

const resources = z.strictObject({
  bucket: z.string(),
  table: z.string(),
  queues: z.record(z.string(), z.strictObject({ url: z.string(), deadLetterUrl: z.string() })),
});

/** SQS's attributes, and what Terraform calls them. Encryption is what the module adds. */
const ATTRIBUTES = {
  ContentBasedDeduplication: "content_based_deduplication",
  DeduplicationScope: "deduplication_scope",
  DelaySeconds: "delay_seconds",
  FifoQueue: "fifo_queue",
  FifoThroughputLimit: "fifo_throughput_limit",
  MaximumMessageSize: "max_message_size",
  MessageRetentionPeriod: "message_retention_seconds",
  ReceiveMessageWaitTimeSeconds: "receive_wait_time_seconds",
  RedrivePolicy: "redrive_policy",
  VisibilityTimeout: "visibility_timeout_seconds",
} as const;

const attributesOf = (queue: Values): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(ATTRIBUTES)
      .filter(([, argument]) => queue[argument] !== null && queue[argument] !== undefined)
      .map(([attribute, argument]) => [attribute, String(queue[argument])]),
  );

/** A redrive policy with the dead-letter queue by its name: ARNs are the account's. */
const byName = (
  { RedrivePolicy, ...attributes }: Readonly<Record<string, string>>,
  nameOf: (arn: string) => string,
) => {
  if (RedrivePolicy === undefined) return attributes;
  const { deadLetterTargetArn, ...policy } = JSON.parse(RedrivePolicy) as { deadLetterTargetArn: string };
  return { ...attributes, RedrivePolicy: { ...policy, deadLetter: nameOf(deadLetterTargetArn) } };
};

const lastPart = (arn: string): string => arn.split(/[:/]/u).at(-1) ?? "";

type Index = {
  readonly name: string;
  readonly hash_key?: string;
  readonly range_key: string;
  readonly projection_type: string;
};

/** A table of Terraform as `CreateTable` would take it. */
function tableOf(table: Values): unknown {
  const keys = (partition: unknown, sort: unknown) => [
    { AttributeName: partition, KeyType: "HASH" },
    { AttributeName: sort, KeyType: "RANGE" },
  ];
  const indexes = (of: unknown) =>
    (of as Index[]).map((index) => ({
      IndexName: index.name,
      KeySchema: keys(index.hash_key ?? table.hash_key, index.range_key),
      Projection: { ProjectionType: index.projection_type },
    }));
  return {
    TableName: table.name,
    BillingMode: table.billing_mode,
    KeySchema: keys(table.hash_key, table.range_key),
    AttributeDefinitions: (table.attribute as { name: string; type: string }[]).map(({ name, type }) => ({
      AttributeName: name,
      AttributeType: type,
    })),
    GlobalSecondaryIndexes: indexes(table.global_secondary_index),
    LocalSecondaryIndexes: indexes(table.local_secondary_index),
  };
}

/** Lists of a table have no order. */
const unordered = (table: unknown): unknown => {
  const sorted = (list: unknown) => (list as object[]).map((each) => JSON.stringify(each)).sort();
  const { AttributeDefinitions, GlobalSecondaryIndexes, LocalSecondaryIndexes, ...rest } = table as Values;
  return {
    ...rest,
    attributes: sorted(AttributeDefinitions),
    global: sorted(GlobalSecondaryIndexes),
    local: sorted(LocalSecondaryIndexes),
  };
};

async function ensured({ outputs, made }: Applied, relayId: string): Promise<SetUp> {
  const { clients, setUp } = recordingClients();
  const { bucket, table, queues } = resources.parse(outputs.resources);
  // Timeouts of functions differ, so each agent is asked for by itself.
  for (const agent of Object.keys(queues)) {
    const functions = made.filter(({ type, index }) => type === "aws_lambda_function" && index === agent);
    const timeout = functions.map(({ values }) => ({ functionTimeoutMs: Number(values.timeout) * 1_000 }))[0] ?? {};
    // As the complete example says of its agent that runs in containers.
    const visibility = agent === "code" ? { visibilityMs: 300_000 } : {};
    await ensureResources({
      relayId,
      agents: [agent],
      bucket,
      table,
      clients,
      auditRetentionDays: 365,
      ...timeout,
      ...visibility,
    });
  }
  return setUp();
}

describeWithEngine("what the module makes", (place) => {
  for (const [example, relayId] of [
    ["minimal", "docs"],
    ["complete", "typed-package"],
  ] as const) {
    let made: Applied;
    let expected: SetUp;
    beforeAll(async () => {
      made = await applied(place(), `examples/${example}`);
      expected = await ensured(made, relayId);
    });

    it(`has, in the example ${example}, the queues of ensureResources(), attribute by attribute`, () => {
      const queues = made.made.filter(({ type }) => type === "aws_sqs_queue").map(({ values }) => values);
      const names = new Map(queues.map(({ arn, name }) => [String(arn), String(name)]));
      const ours = queues.map((queue) => [queue.name, byName(attributesOf(queue), (arn) => names.get(arn) ?? "none")]);
      const theirs = [...expected.queues].map(([name, attributes]) => [name, byName(attributes, lastPart)]);
      expect(theirs.length).toBeGreaterThan(3);
      expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
    });

    it(`has, in the example ${example}, the table of ensureResources() and its time to live`, () => {
      const table = made.one("aws_dynamodb_table");
      expect(unordered(tableOf(table))).toEqual(unordered(expected.table));
      expect(
        (table.ttl as Values[]).map(({ attribute_name, enabled }) => ({
          AttributeName: attribute_name,
          Enabled: enabled,
        })),
      ).toEqual([expected.timeToLive]);
    });

    it(`has, in the example ${example}, a bucket as ensureResources() makes it`, () => {
      const [versioning] = made.one("aws_s3_bucket_versioning").versioning_configuration as Values[];
      expect(versioning?.status).toBe(expected.versioning);
    });

    it(`puts out, in the example ${example}, what aws() takes as it is`, async () => {
      const backend = aws({ ...resources.parse(made.outputs.resources), region: "eu-central-1" });
      expect(backend.name).toBe("aws");
      await backend.close();
    });
  }
});
