import { parseOptions } from "@agenthandoff/aws-common";
import { InvalidOptionsError, type Relay } from "@agenthandoff/core";
import type { SqsTransport } from "@agenthandoff/transport-sqs";
import { z } from "zod";

export interface LambdaRouterOptions {
  /**
   * What is left of an invocation, in milliseconds, once a run that was told to stop has had its grace: for the audit
   * and for giving the message back. Default: 5,000.
   */
  readonly marginMs?: number;
  /**
   * The time, in milliseconds, that a later message of a batch must have for its run, else it is given back unrun; never
   * more than half of what the first one has. Default: 60,000.
   */
  readonly leastRunMs?: number;
  /** Told of what kept a message from being handled; it comes again. Default: `console.error`. */
  readonly onError?: (error: unknown) => void;
}

const DEFAULT_MARGIN_MS = 5_000;

const milliseconds = z.int("must be a whole number of milliseconds").min(0, "must not be negative");
const isFunction = (value: unknown): boolean => typeof value === "function";

export const marginSchema: z.ZodDefault<z.ZodNumber> = milliseconds
  .max(600_000, "must be at most 10 minutes")
  .default(DEFAULT_MARGIN_MS);

const schema = z.strictObject({
  marginMs: marginSchema,
  leastRunMs: milliseconds.max(900_000, "must be at most 15 minutes, the longest that a function runs").default(60_000),
  onError: z.custom<(error: unknown) => void>(isFunction, "must be a function").default(() => console.error),
});

/** @throws InvalidOptionsError that names each option at fault. */
export function parseRouterOptions(options: LambdaRouterOptions): Required<LambdaRouterOptions> {
  return parseOptions("lambdaRouter", schema, options);
}

/** @throws InvalidOptionsError where the relay's queues are no SQS queues. */
export function sqsTransportOf(relay: Relay): SqsTransport {
  const transport = relay.backend.transport as Partial<SqsTransport>;
  if (isFunction(transport.deliveryOf) && isFunction(transport.agentOf)) return transport as SqsTransport;
  throw new InvalidOptionsError(
    "lambdaRouter() needs a relay whose queues are on SQS; give createRelay the backend aws({ … }), or one whose transport is sqsTransport({ … })",
  );
}
