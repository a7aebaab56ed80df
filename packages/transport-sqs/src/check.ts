import { BackendUnusableError, DEFAULT_LIMITS, parseJson } from "@agenthandoff/core";
import { z } from "zod";
import { type SqsQueue, standardQueue } from "./queues.js";
import type { QueueAttributes } from "./sqs-api.js";

export interface SqsCheckOptions {
  /** The relay's `maxAttempts`. Default: core's, 3. */
  readonly maxAttempts?: number;
  /** The timeout of the Lambda function that the queues feed, in milliseconds. Left out for workers: they extend. */
  readonly functionTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** How one agent's queues are set up. A server that does not tell an attribute leaves it out. */
export interface QueueSetup {
  readonly agent: string;
  readonly queue: SqsQueue;
  readonly attributes: QueueAttributes;
  readonly deadLetterAttributes: QueueAttributes;
  readonly maxMessageBytes: number;
}

/** Lambda takes up to 6 tries to get a batch through where its concurrency is used up; AWS recommends this factor. */
const FUNCTION_TIMEOUTS = 6;
/** The queue must not bury a message before core has committed that its agent failed. */
const RECEIPTS_PER_ATTEMPT = 10;
const DAY_SECONDS = 86_400;
const SHORT_RETENTION_SECONDS = 4 * DAY_SECONDS;
const LONGEST_RETENTION_SECONDS = 14 * DAY_SECONDS;

/**
 * What would work better if it were set up otherwise, a sentence each.
 * @throws BackendUnusableError for the first thing with which the transport cannot keep its promises
 */
export function judge(setup: QueueSetup, options: SqsCheckOptions = {}): readonly string[] {
  assertKinds(setup);
  const receipts = maxReceiveCount(setup);
  assertReceipts(setup, receipts, options);
  assertSizes(setup);
  assertVisibility(setup, options);
  const { maxAttempts = DEFAULT_LIMITS.maxAttempts } = options;
  const { agent, queue, attributes, deadLetterAttributes } = setup;
  const advice: string[] = [];
  if (receipts < RECEIPTS_PER_ATTEMPT * maxAttempts) {
    advice.push(
      `${queue.url} of "${agent}" buries a message at its ${receipts}th receipt; set maxReceiveCount to ${RECEIPTS_PER_ATTEMPT * maxAttempts} or more (10 × maxAttempts), so that an outage does not fill the dead-letter queue`,
    );
  }
  if (secondsOf(attributes.MessageRetentionPeriod) < SHORT_RETENTION_SECONDS) {
    advice.push(
      `${queue.url} of "${agent}" forgets messages in less than 4 days; set MessageRetentionPeriod to 1209600 (14 days)`,
    );
  }
  if (secondsOf(deadLetterAttributes.MessageRetentionPeriod) < LONGEST_RETENTION_SECONDS) {
    advice.push(
      `${queue.deadLetterUrl} of "${agent}" forgets dead letters in less than 14 days; set MessageRetentionPeriod to 1209600`,
    );
  }
  if (deadLetterAttributes.RedrivePolicy !== undefined) {
    advice.push(
      `${queue.deadLetterUrl} of "${agent}" has a dead-letter queue itself; remove its RedrivePolicy, since listing dead letters receives them`,
    );
  }
  return advice;
}

/** What is not told is not held against anybody. */
const secondsOf = (attribute: string | undefined): number => Number(attribute ?? Number.POSITIVE_INFINITY);

const unusable = (reason: string, message: string): BackendUnusableError =>
  new BackendUnusableError(message, { reason });

function assertKinds({ agent, queue, attributes, deadLetterAttributes }: QueueSetup): void {
  if (attributes.FifoQueue !== "true") throw standardQueue(agent, queue.url);
  if (deadLetterAttributes.FifoQueue !== "true") throw standardQueue(agent, queue.deadLetterUrl);
}

function maxReceiveCount({ agent, queue, attributes, deadLetterAttributes }: QueueSetup): number {
  if (attributes.RedrivePolicy === undefined) {
    throw unusable(
      "no-dead-letter-queue",
      `${queue.url} of "${agent}" has no RedrivePolicy, so a message that kills its reader comes for ever; point it at ${queue.deadLetterUrl}`,
    );
  }
  const policy = redrivePolicy.parse(parseJson(attributes.RedrivePolicy));
  if (policy.deadLetterTargetArn !== deadLetterAttributes.QueueArn) {
    throw unusable(
      "wrong-dead-letter-queue",
      `${queue.url} of "${agent}" sends its dead letters to ${policy.deadLetterTargetArn}, not to ${queue.deadLetterUrl}; correct its RedrivePolicy or deadLetterUrl`,
    );
  }
  return policy.maxReceiveCount;
}

// Written by hand it may hold the number as text.
const redrivePolicy = z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number() });

function assertReceipts(
  { agent, queue }: QueueSetup,
  receipts: number,
  { maxAttempts = DEFAULT_LIMITS.maxAttempts }: SqsCheckOptions,
): void {
  if (receipts > maxAttempts) return;
  throw unusable(
    "receive-count-too-low",
    `${queue.url} of "${agent}" buries a message at its ${receipts}th receipt, before its agent had its ${maxAttempts} attempts; set maxReceiveCount to ${RECEIPTS_PER_ATTEMPT * maxAttempts} or more`,
  );
}

function assertSizes({ agent, queue, attributes, deadLetterAttributes, maxMessageBytes }: QueueSetup): void {
  const sizes = [
    [queue.url, attributes],
    [queue.deadLetterUrl, deadLetterAttributes],
  ] as const;
  for (const [url, { MaximumMessageSize: size }] of sizes) {
    if (size === undefined || Number(size) >= maxMessageBytes) continue;
    throw unusable(
      "message-size",
      `${url} of "${agent}" takes messages of ${size} bytes; set its MaximumMessageSize to ${maxMessageBytes}, or the option maxMessageBytes to ${size}`,
    );
  }
}

function assertVisibility({ agent, queue, attributes }: QueueSetup, { functionTimeoutMs }: SqsCheckOptions): void {
  if (functionTimeoutMs === undefined) return;
  const least = Math.ceil((FUNCTION_TIMEOUTS * functionTimeoutMs) / 1_000);
  if (secondsOf(attributes.VisibilityTimeout) >= least) return;
  throw unusable(
    "visibility-too-short",
    `${queue.url} of "${agent}" hides a message for ${attributes.VisibilityTimeout} s; its function may take ${functionTimeoutMs / 1_000} s, so set VisibilityTimeout to ${least} (6 × the timeout) or more`,
  );
}
