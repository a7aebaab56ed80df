import { clientOption, clockOption, parseOptions, randomOption, regionOption } from "@agenthandoff/aws-common";
import type { Clock, Random } from "@agenthandoff/core";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { z } from "zod";

export interface DynamoAuditLogOptions {
  /** The table's name or ARN. `auditTable` defines it. */
  readonly table: string;
  /** For how many days events are kept; rows and intents stay. Default: for ever. */
  readonly retentionDays?: number;
  /** Used as it is, with its own region, credentials and timeouts; left open by `close()`. Default: one of the log's own. */
  readonly client?: DynamoDBClient;
  /** The region of the log's own client. Default: by the SDK's own chain. */
  readonly region?: string;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Default: the machine's. */
  readonly random?: Random;
}

/** Options in which only what truly may be missing is optional. */
export interface ParsedOptions {
  readonly table: string;
  readonly retentionDays?: number | undefined;
  readonly client?: DynamoDBClient | undefined;
  readonly region?: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

const CENTURY_DAYS = 36_500;

const schema: z.ZodType<ParsedOptions> = z.strictObject({
  table: z.string("must be a table's name or ARN").regex(/^[a-zA-Z0-9_.:/-]{3,1024}$/, "must be a table's name or ARN"),
  retentionDays: z
    .int("must be a whole number of days")
    .min(1, "must be at least 1")
    .max(CENTURY_DAYS, `must be at most ${CENTURY_DAYS}; leave it out to keep events for ever`)
    .optional(),
  client: clientOption<DynamoDBClient>("a DynamoDBClient"),
  region: regionOption,
  clock: clockOption,
  random: randomOption,
});

/** @throws InvalidOptionsError that names each option at fault. */
export const parseDynamoOptions = (options: unknown): ParsedOptions => parseOptions("dynamoAuditLog", schema, options);
