import { clientDefaults, parseOptions } from "@agenthandoff/aws-common";
import { type Clock, type Random, systemClock, systemRandom } from "@agenthandoff/core";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { z } from "zod";

export interface DynamoAuditLogOptions {
  /** The table's name or ARN. `auditTable` defines it. */
  readonly table: string;
  /** For how many days events are kept; rows and intents stay. Default: for ever. */
  readonly retentionDays?: number;
  /** Default: one of its own, with a time limit for each request. */
  readonly client?: DynamoDBClient;
  /** Where the table is, for a client of its own. Default: what the SDK finds in the environment or the profile. */
  readonly region?: string;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Default: the machine's. */
  readonly random?: Random;
}

export interface AuditLogSetting {
  readonly table: string;
  readonly retentionDays: number | undefined;
  readonly client: DynamoDBClient;
  readonly clock: Clock;
  readonly random: Random;
}

const isObjectWith = (value: unknown, ...methods: readonly string[]): boolean =>
  typeof value === "object" &&
  value !== null &&
  methods.every((method) => typeof (value as Record<string, unknown>)[method] === "function");

const CENTURY_DAYS = 36_500;

const schema = z.strictObject({
  table: z.string("must be a table's name or ARN").regex(/^[a-zA-Z0-9_.:/-]{3,1024}$/, "must be a table's name or ARN"),
  retentionDays: z
    .int("must be a whole number of days")
    .min(1, "must be at least 1")
    .max(CENTURY_DAYS, `must be at most ${CENTURY_DAYS}; leave it out to keep events for ever`)
    .optional(),
  client: z.custom<DynamoDBClient>((value) => isObjectWith(value, "send"), "must be a DynamoDBClient").optional(),
  region: z.string("must be a region's name").min(1, "must be a region's name, not an empty text").optional(),
  clock: z
    .custom<Clock>((value) => isObjectWith(value, "now", "sleep"), "must have the methods now and sleep")
    .default(systemClock),
  random: z
    .custom<Random>((value) => isObjectWith(value, "number", "id"), "must have the methods number and id")
    .default(systemRandom),
});

/** @throws InvalidOptionsError that names each option at fault. */
export function settingOf(factory: string, options: unknown): AuditLogSetting {
  const { table, retentionDays, region, clock, random, ...given } = parseOptions(factory, schema, options);
  const client =
    given.client ?? new DynamoDBClient({ ...clientDefaults(), ...(region === undefined ? {} : { region }) });
  return { table, retentionDays, client, clock, random };
}
