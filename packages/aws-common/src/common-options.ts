import { type Clock, type Random, systemClock, systemRandom } from "@agenthandoff/core";
import { z } from "zod";

const hasMethods = (value: unknown, methods: readonly string[]): boolean =>
  typeof value === "object" &&
  value !== null &&
  methods.every((method) => typeof (value as Record<string, unknown>)[method] === "function");

/** The machine's clock where none is given. */
export const clockOption: z.ZodType<Clock> = z
  .custom<Clock>((value) => hasMethods(value, ["now", "sleep"]), "must have the methods now and sleep")
  .default(systemClock);

/** The machine's randomness where none is given. */
export const randomOption: z.ZodType<Random> = z
  .custom<Random>((value) => hasMethods(value, ["number", "id"]), "must have the methods number and id")
  .default(systemRandom);

export const regionOption: z.ZodType<string | undefined> = z
  .string("must be a region, such as eu-central-1")
  .min(1, "must be a region, such as eu-central-1, not an empty text")
  .optional();

/** A client of the AWS SDK. @param article with its name: `an S3Client` */
export function clientOption<Client>(article: string): z.ZodType<Client | undefined> {
  return z.custom<Client>((value) => hasMethods(value, ["send", "destroy"]), `must be ${article}`).optional();
}
