import { type AuditTable, auditTable, auditTableTimeToLive } from "@agenthandoff/audit-dynamo";
import { parseOptions } from "@agenthandoff/aws-common";
import type { SqsQueue } from "@agenthandoff/transport-sqs";
import type { UpdateTimeToLiveCommandInput } from "@aws-sdk/client-dynamodb";
import { z } from "zod";
import { type AwsClients, DEFAULT_VISIBILITY_MS } from "./options.js";

export interface ResourceOptions {
  /** The relay's id: it begins the names of its queues. */
  readonly relayId: string;
  /** Its agents: each gets a queue and a queue of dead letters. */
  readonly agents: readonly string[];
  readonly bucket: string;
  readonly table: string;
  /** Default: what the SDK finds in the environment or the profile. */
  readonly region?: string;
  readonly clients?: AwsClients;
  /** The queues' visibility timeout, in milliseconds. Default: 2 minutes, and 6 × `functionTimeoutMs` where that is given. */
  readonly visibilityMs?: number;
  /** The timeout of the Lambda functions that the queues feed, in milliseconds. */
  readonly functionTimeoutMs?: number;
  /** How often a message is received before its queue buries it. Default: 100. */
  readonly maxReceiveCount?: number;
  /** For how many days the audit keeps events. Default: for ever. */
  readonly auditRetentionDays?: number;
}

/** What `aws()` takes, as it is. */
export interface Resources {
  readonly bucket: string;
  readonly table: string;
  readonly queues: Readonly<Record<string, SqsQueue>>;
}

/** A queue and its dead-letter queue, as `CreateQueue` takes them; the redrive policy needs the second one's ARN. */
export interface QueueDefinition {
  readonly agent: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly maxReceiveCount: number;
  readonly deadLetterName: string;
  readonly deadLetterAttributes: Readonly<Record<string, string>>;
}

export interface ResourceDefinitions {
  /** Versioned: an overwrite is never the last of what was there before, until an erasure removes its versions. */
  readonly bucket: { readonly name: string; readonly versioning: "Enabled" };
  readonly queues: readonly QueueDefinition[];
  readonly table: AuditTable;
  readonly timeToLive: UpdateTimeToLiveCommandInput | undefined;
}

/** Of both queues. Each task is a group of its own: a limit per queue would let one task slow another. */
export const HIGH_THROUGHPUT = {
  DeduplicationScope: "messageGroup",
  FifoThroughputLimit: "perMessageGroupId",
} as const;

const FUNCTION_TIMEOUTS = 6;
const RETENTION_SECONDS = 14 * 24 * 60 * 60;
const MAX_MESSAGE_BYTES = 1_048_576;
const MAX_QUEUE_NAME = 80;

const name = z
  .string("must be a name")
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must match [a-z0-9][a-z0-9-]*, at most 63 characters");

const schema = z
  .strictObject({
    relayId: name,
    agents: z.array(name, "must be a list of agents").min(1, "must name at least one agent"),
    bucket: z.string("must be a bucket's name").min(3, "must be a bucket's name, 3 characters or more"),
    table: z.string("must be a table's name").min(3, "must be a table's name, 3 characters or more"),
    region: z.string("must be a region's name").min(1, "must be a region's name, not an empty text").optional(),
    clients: z.custom<AwsClients>().optional(),
    functionTimeoutMs: z
      .int("must be a whole number of milliseconds")
      .min(1_000, "must be at least 1,000")
      .max(900_000, "must be at most 15 minutes, as Lambda has it")
      .optional(),
    visibilityMs: z.int("must be a whole number of milliseconds").min(3_000, "must be at least 3,000").optional(),
    maxReceiveCount: z
      .int("must be a whole number")
      .min(1, "must be at least 1")
      .max(1_000, "must be at most 1,000")
      .default(100),
    auditRetentionDays: z.int("must be a whole number of days").min(1, "must be at least 1").optional(),
  })
  .superRefine(({ relayId, agents }, context) => {
    for (const agent of agents) {
      if (agents.includes(`${agent}-dead`))
        context.addIssue(
          `cannot have both "${agent}" and "${agent}-dead": ${deadLetterName(relayId, agent)} would be two queues`,
        );
      if (deadLetterName(relayId, agent).length <= MAX_QUEUE_NAME) continue;
      context.addIssue(`must be shorter: ${deadLetterName(relayId, agent)} is longer than a queue's name may be (80)`);
    }
  });

const queueName = (relayId: string, agent: string): string => `${relayId}-${agent}.fifo`;
const deadLetterName = (relayId: string, agent: string): string => `${relayId}-${agent}-dead.fifo`;

/**
 * What a relay needs, defined; nothing is sent. A Terraform module, or a test, can be held against it.
 * @throws InvalidOptionsError that names each option at fault
 */
export function resourcesFor(options: ResourceOptions): ResourceDefinitions {
  const parsed = parseOptions("ensureResources", schema, options);
  const { relayId, agents, functionTimeoutMs = 0, maxReceiveCount } = parsed;
  const visibilityMs = Math.max(parsed.visibilityMs ?? DEFAULT_VISIBILITY_MS, FUNCTION_TIMEOUTS * functionTimeoutMs);
  const attributes = {
    FifoQueue: "true",
    MessageRetentionPeriod: String(RETENTION_SECONDS),
    MaximumMessageSize: String(MAX_MESSAGE_BYTES),
  };
  return {
    bucket: { name: parsed.bucket, versioning: "Enabled" },
    queues: agents.map((agent) => ({
      agent,
      name: queueName(relayId, agent),
      attributes: { ...attributes, VisibilityTimeout: String(Math.ceil(visibilityMs / 1_000)) },
      maxReceiveCount,
      deadLetterName: deadLetterName(relayId, agent),
      deadLetterAttributes: attributes,
    })),
    table: auditTable(parsed.table),
    timeToLive: parsed.auditRetentionDays === undefined ? undefined : auditTableTimeToLive(parsed.table),
  };
}
