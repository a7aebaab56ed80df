import { clientOption, clockOption, parseOptions, randomOption, regionOption } from "@agenthandoff/aws-common";
import type { Clock, Random } from "@agenthandoff/core";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";
import { DEFAULT_MESSAGE_BYTES, LARGEST_MESSAGE_BYTES, MAX_WAIT_SECONDS } from "./limits.js";
import type { SqsQueues } from "./queues.js";

export interface SqsTransportOptions {
  readonly queues: SqsQueues;
  /** A client of your own, which stays yours to destroy. Default: one with the SDK's own chain of credentials. */
  readonly client?: SQSClient;
  /** For the client that is made where none is given. Default: the SDK's own chain. */
  readonly region?: string;
  /**
   * What every queue takes, in bytes: no more than its MaximumMessageSize, which `check` compares. Default: 256 KiB.
   * Bodies may have 8 KiB less: a dead letter's reason counts towards the size.
   */
  readonly maxMessageBytes?: number;
  /**
   * The longest that one ReceiveMessage waits, in seconds, up to 20; longer waits are several. An aborted `receive`
   * ends with the one under way, so this is also how long a worker takes to stop. Default: 5.
   */
  readonly longestPollSeconds?: number;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Default: the machine's. */
  readonly random?: Random;
}

export type ParsedOptions = Required<Omit<SqsTransportOptions, "client" | "region">> &
  Pick<SqsTransportOptions, "client" | "region">;

const url = z.url({ protocol: /^https?$/, error: "must be a queue's URL" });

const byAgent = z
  .record(z.string(), z.strictObject({ url, deadLetterUrl: url }))
  .refine((queues) => Object.keys(queues).length > 0, "must name at least one agent's queue")
  .superRefine((queues, context) => {
    const urls = Object.values(queues).flatMap((queue) => [queue.url, queue.deadLetterUrl]);
    const repeated = urls.find((each, index) => urls.indexOf(each) !== index);
    if (repeated !== undefined)
      context.addIssue(`must not name ${repeated} twice: every agent needs a queue and a dead-letter queue of its own`);
  });

const schema = z.strictObject({
  queues: byAgent,
  client: clientOption<SQSClient>("an SQSClient"),
  region: regionOption,
  maxMessageBytes: z
    .int("must be a whole number of bytes")
    .min(16_384, "must be at least 16,384")
    .max(LARGEST_MESSAGE_BYTES, "must be at most 1,048,576, the most that SQS takes")
    .default(DEFAULT_MESSAGE_BYTES),
  longestPollSeconds: z
    .int("must be a whole number of seconds")
    .min(1, "must be at least 1")
    .max(MAX_WAIT_SECONDS, "must be at most 20, the longest that SQS waits")
    .default(5),
  clock: clockOption,
  random: randomOption,
});

const isFunction = (value: unknown): boolean => typeof value === "function";
// Not a union: that would say of a wrong record only that it is wrong.
const schemaOfFunction = schema.extend({ queues: z.custom<Exclude<SqsQueues, object>>(isFunction) });

/** @throws InvalidOptionsError that names each option at fault. */
export function parseSqsOptions(options: SqsTransportOptions): ParsedOptions {
  const chosen = isFunction(options?.queues) ? schemaOfFunction : schema;
  return parseOptions("sqsTransport", chosen as z.ZodType<ParsedOptions>, options);
}
