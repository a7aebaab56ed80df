import { z } from "zod";

/**
 * For a schema with a member that every object inherits, such as `constructor`: only what an object has itself counts,
 * or a missing member would seem to be there.
 */
export function ownMembers<Value>(schema: z.ZodType<Value>): z.ZodType<Value> {
  return z.preprocess(
    (value) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.assign(Object.create(null), value)
        : value,
    schema,
  );
}
