import { HandoffError, hasCode, RetryLaterError } from "@agenthandoff/core";
import { MiddlewareError } from "langchain";

/** What LangChain, LangGraph and providers throw, as far as it is looked at. */
interface ThrownLike {
  readonly cause?: unknown;
  readonly status?: unknown;
  readonly headers?: unknown;
}

const MAX_CAUSES = 20;

/**
 * The error that the relay should hear about. Middleware and graphs wrap what a tool or model threw; an error of
 * this library inside is what its author meant to say. A provider's rate limit becomes a RetryLaterError.
 */
export function meantError(thrown: unknown): unknown {
  const unwrapped = withoutMiddleware(thrown);
  let limited: RetryLaterError | undefined;
  let error: unknown = unwrapped;
  for (let depth = 0; depth < MAX_CAUSES && typeof error === "object" && error !== null; depth++) {
    if (HandoffError.isInstance(error)) return error;
    limited ??= rateLimit(error as ThrownLike, unwrapped);
    error = (error as ThrownLike).cause;
  }
  return limited ?? unwrapped;
}

/** Each middleware wraps what passes through it, ours too. */
function withoutMiddleware(thrown: unknown): unknown {
  let error = thrown;
  while (MiddlewareError.isInstance(error) && error.cause !== undefined) error = error.cause;
  return error;
}

export function isNonRetryable(error: unknown): error is HandoffError {
  return hasCode(error, "NON_RETRYABLE");
}

function rateLimit({ status, headers }: ThrownLike, cause: unknown): RetryLaterError | undefined {
  if (status !== 429) return undefined;
  const seconds = Number(headerOf(headers, "retry-after"));
  if (!Number.isFinite(seconds) || seconds <= 0) return undefined;
  return new RetryLaterError("the model's provider limits the rate", {
    retryAfterMs: Math.ceil(seconds * 1000),
    cause,
  });
}

function headerOf(headers: unknown, name: string): unknown {
  if (headers instanceof Headers) return headers.get(name);
  return typeof headers === "object" && headers !== null ? (headers as Record<string, unknown>)[name] : undefined;
}
