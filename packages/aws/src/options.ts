import { parseOptions } from "@agenthandoff/aws-common";
import { type Clock, InvalidOptionsError, type Random } from "@agenthandoff/core";
import type { KmsEncryption } from "@agenthandoff/store-s3";
import { MAX_VISIBILITY_MS, type SqsQueues } from "@agenthandoff/transport-sqs";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";

/** SDK clients of your own: they stay yours to destroy. */
export interface AwsClients {
  readonly s3?: S3Client;
  readonly sqs?: SQSClient;
  readonly dynamodb?: DynamoDBClient;
}

export interface AwsOptions {
  /** The bucket of the contexts. */
  readonly bucket: string;
  /** The table of the audit log. */
  readonly table: string;
  /** Each agent's FIFO queue and the FIFO queue of its dead letters. Two relays never share a queue. */
  readonly queues: SqsQueues;
  /** Put before every key in the bucket. Empty, or ends with `/`. Default: empty. */
  readonly prefix?: string;
  /** Default: what the SDK finds in the environment or the profile, as for credentials. */
  readonly region?: string;
  readonly clients?: AwsClients;
  /** How long a received message stays invisible unless it is extended, in milliseconds. Default: 2 minutes. */
  readonly visibilityMs?: number;
  /** For how many days the audit keeps events; contexts stay. Default: for ever. */
  readonly auditRetentionDays?: number;
  /** What objects are encrypted with. Default: as the bucket is set up. */
  readonly encryption?: "s3" | KmsEncryption;
  /** The account that the bucket must belong to. */
  readonly expectedBucketOwner?: string;
  /** At most the MaximumMessageSize of the queues, in bytes. Default: 256 KiB; envelopes take about one kilobyte. */
  readonly maxMessageBytes?: number;
  /** Told, in a sentence each, what would work better if it were set up otherwise. Default: a warning of the process. */
  readonly onAdvice?: (advice: string) => void;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Default: the machine's. */
  readonly random?: Random;
}

export const DEFAULT_VISIBILITY_MS = 120_000;

const CLIENTS = ["s3", "sqs", "dynamodb"];

function isClients(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).every(
    ([name, client]) => CLIENTS.includes(name) && typeof (client as { send?: unknown } | null)?.send === "function",
  );
}

/** What this package checks itself; the rest each driver checks when it is made. */
const schema = z.looseObject({
  prefix: z
    .string("must be a text")
    .refine((prefix) => prefix === "" || prefix.endsWith("/"), 'must be empty or end with "/"')
    .default(""),
  clients: z
    .custom<AwsClients>(isClients, "must be { s3?, sqs?, dynamodb? }, each a client of the AWS SDK")
    .default({}),
  visibilityMs: z
    .int("must be a whole number of milliseconds")
    .min(3_000, "must be at least 3,000: it is extended at each third of it")
    .max(MAX_VISIBILITY_MS, "must be at most 12 hours, the longest that SQS knows")
    .default(DEFAULT_VISIBILITY_MS),
  onAdvice: z
    .custom<(advice: string) => void>((value) => typeof value === "function", "must be a function")
    .default(() => warn),
});

function warn(advice: string): void {
  process.emitWarning(advice, "AgentHandoffAdvice");
}

const KNOWN: Record<keyof AwsOptions, true> = {
  bucket: true,
  table: true,
  queues: true,
  prefix: true,
  region: true,
  clients: true,
  visibilityMs: true,
  auditRetentionDays: true,
  encryption: true,
  expectedBucketOwner: true,
  maxMessageBytes: true,
  onAdvice: true,
  clock: true,
  random: true,
};

export type ParsedAwsOptions = AwsOptions &
  Required<Pick<AwsOptions, "prefix" | "clients" | "visibilityMs" | "onAdvice">>;

/** @throws InvalidOptionsError that names each option at fault. */
export function parseAwsOptions(options: AwsOptions): ParsedAwsOptions {
  const parsed = parseOptions("aws", schema, options);
  const unknown = Object.keys(options).filter((name) => !Object.hasOwn(KNOWN, name));
  if (unknown.length > 0)
    throw new InvalidOptionsError(
      `aws() knows no ${unknown.join(", ")}; its options are ${Object.keys(KNOWN).join(", ")}`,
    );
  return { ...options, ...parsed };
}
