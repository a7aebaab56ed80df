import type { Random } from "../../ports/index.js";

/** How long to wait before trying again: exponential, capped, with full jitter. `failures` counts from 1. */
export function backoffDelay(
  options: { readonly backoffMs: number; readonly maxBackoffMs: number },
  failures: number,
  random: Random,
): number {
  const exponent = Math.min(Math.max(failures - 1, 0), 52);
  return Math.round(Math.min(options.maxBackoffMs, options.backoffMs * 2 ** exponent) * random.number());
}

/** The delay that an error asks for (a provider's rate limit), in milliseconds; never throws, whatever was thrown. */
export function requestedDelay(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  try {
    const { retryAfterMs } = error as { retryAfterMs?: unknown };
    return typeof retryAfterMs === "number" && Number.isFinite(retryAfterMs) && retryAfterMs >= 0
      ? retryAfterMs
      : undefined;
  } catch {
    return undefined;
  }
}
