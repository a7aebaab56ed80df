import { InvalidOptionsError } from "@agenthandoff/core";
import type { z } from "zod";

/**
 * A factory's options, checked by its schema.
 * @throws InvalidOptionsError that names each option at fault, and what it must be.
 */
export function parseOptions<Options>(factory: string, schema: z.ZodType<Options>, options: unknown): Options {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join(".")} ${message}`,
  );
  throw new InvalidOptionsError(`${factory}() cannot use these options: ${faults.join("; ")}`, { cause: parsed.error });
}
