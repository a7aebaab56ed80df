import { type Clock, InvalidOptionsError, type Random, systemClock, systemRandom } from "@agenthandoff/core";
import { z } from "zod";

export interface LocalOptions {
  /** Where the database lies; created where it is missing. On a local disk: see "Limits" in the README. */
  readonly directory: string;
  /** How long a received message stays invisible unless it is extended, in milliseconds. Default: 10 seconds. */
  readonly visibilityMs?: number;
  /** How often a message is received before the next look moves it to the dead-letter queue. Default: 100. */
  readonly maxReceiveCount?: number;
  /** How long to wait for the database while another process holds it, in milliseconds. Default: 10 seconds. */
  readonly busyTimeoutMs?: number;
  /** Allows a file system that other machines may share. Only safe while a single machine uses it. Default: false. */
  readonly allowNetworkFileSystem?: boolean;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Default: the machine's. */
  readonly random?: Random;
}

const isObjectWith = (value: unknown, ...methods: readonly string[]): boolean =>
  typeof value === "object" &&
  value !== null &&
  methods.every((method) => typeof (value as Record<string, unknown>)[method] === "function");

const milliseconds = z.int("must be a whole number of milliseconds").nonnegative("must not be negative");

const schema: z.ZodType<Required<LocalOptions>> = z.strictObject({
  directory: z.string("must be a path").min(1, "must be a path, not an empty text"),
  visibilityMs: milliseconds.min(1, "must be at least 1").max(43_200_000, "must be at most 12 hours").default(10_000),
  maxReceiveCount: z.int("must be a whole number").min(1, "must be at least 1").default(100),
  busyTimeoutMs: milliseconds.default(10_000),
  allowNetworkFileSystem: z.boolean("must be true or false").default(false),
  clock: z
    .custom<Clock>((value) => isObjectWith(value, "now", "sleep"), "must have the methods now and sleep")
    .default(systemClock),
  random: z
    .custom<Random>((value) => isObjectWith(value, "number", "id"), "must have the methods number and id")
    .default(systemRandom),
});

/** @throws InvalidOptionsError that names each option at fault. */
export function parseOptions(options: unknown): Required<LocalOptions> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join(".")} ${message}`,
  );
  throw new InvalidOptionsError(`local() cannot use these options: ${faults.join("; ")}`, { cause: parsed.error });
}
