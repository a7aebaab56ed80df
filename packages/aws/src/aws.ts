import { dynamoAuditLog } from "@agenthandoff/audit-dynamo";
import type { Backend } from "@agenthandoff/core";
import { DEFAULT_PROBE_KEY, s3Store } from "@agenthandoff/store-s3";
import { type SqsTransport, sqsTransport } from "@agenthandoff/transport-sqs";
import { type AwsOptions, parseAwsOptions } from "./options.js";

/** A backend whose queues also take what somebody else received: a Lambda's event. */
export interface AwsBackend extends Backend {
  readonly transport: SqsTransport;
  check(relayId: string, agents: readonly string[]): Promise<void>;
}

/**
 * The user's own S3, SQS FIFO and DynamoDB, as one backend. Sends nothing before it is used. Credentials and region are
 * found by the SDK's own chain.
 * @throws InvalidOptionsError that names each option at fault
 * @throws BackendUnusableError where one of the queues is a standard queue
 */
export function aws(options: AwsOptions): AwsBackend {
  const { bucket, table, queues, prefix, clients, visibilityMs, onAdvice, ...rest } = parseAwsOptions(options);
  const { region, clock, random } = rest;
  /** A client that is given has its own region. */
  const by = <Client>(client: Client | undefined) =>
    defined({ clock, random, ...(client === undefined ? { region } : { client }) });
  const store = s3Store({
    ...by(clients.s3),
    ...defined({ encryption: rest.encryption, expectedBucketOwner: rest.expectedBucketOwner }),
    bucket,
    // Beside the contexts, so that a policy for the prefix allows it.
    probeKey: `${prefix}${DEFAULT_PROBE_KEY}`,
  });
  const transport = sqsTransport({
    ...by(clients.sqs),
    ...defined({ maxMessageBytes: rest.maxMessageBytes }),
    queues,
  });
  const audit = dynamoAuditLog({
    ...by(clients.dynamodb),
    ...defined({ retentionDays: rest.auditRetentionDays }),
    table,
  });

  return {
    name: "aws",
    prefix,
    store,
    transport,
    audit,
    visibilityMs,
    async check(relayId, agents) {
      const [advice] = await Promise.all([transport.check(relayId, agents), store.check(), audit.check()]);
      for (const each of advice) onAdvice(each);
    },
    async close() {
      transport.close();
      await Promise.all([store.close(), audit.close()]);
    },
  };
}

/** The options that are there: a driver tells an option that is left out from one that is undefined. */
function defined<Options extends object>(
  options: Options,
): { [Name in keyof Options]?: Exclude<Options[Name], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof Options]?: Exclude<Options[Name], undefined> };
}
