import { errorName, explained, httpStatus } from "@agenthandoff/aws-common";
import { BackendUnusableError, HandoffError, type HandoffErrorCode, RetryLaterError } from "@agenthandoff/core";
import { readError } from "./result.js";
import type { WireError } from "./wire.js";

/** A function answered with what is no answer. Its run counts as a failed attempt. */
export class InvalidAnswerError extends Error {
  constructor(functionArn: string, what: string) {
    super(`${functionArn} answered with what a relay cannot use: ${what}`);
    this.name = "InvalidAnswerError";
  }
}

/** Codes that mean the same on both sides. */
const SHARED_CODES: readonly HandoffErrorCode[] = [
  "NON_RETRYABLE",
  "NOT_SERIALIZABLE",
  "STORE",
  "TRANSPORT",
  "AUDIT",
  "BACKEND_UNUSABLE",
];

/** What the agent threw in its function, with what that means for its task. */
export function agentError(error: WireError): Error {
  const { message, code, retry_after_ms: retryAfterMs } = error;
  if (retryAfterMs !== undefined) return new RetryLaterError(message, { retryAfterMs });
  const shared = SHARED_CODES.find((each) => each === code);
  if (shared === undefined) return readError(error);
  return new HandoffError(message, { code: shared, retryable: shared === "STORE" || shared === "AUDIT" });
}

/** Nothing was run, so that it costs no attempt; somebody must see to the function. */
export function refusal(functionArn: string, { message }: WireError): BackendUnusableError {
  return new BackendUnusableError(`${functionArn} refused the run: ${message}`, {
    reason: "function-refused",
    retryable: true,
  });
}

const HINTS: Readonly<Record<string, string>> = {
  "Sandbox.Timedout": "; give the function more time, or its agent less to do",
  "Function.ResponseSizeTooLarge": "; agentFunction() puts what is too large into the store, and so can any function",
};

/** The function failed by itself: the agent's code, its memory, its time. Its run counts as a failed attempt. */
export function functionError(functionArn: string, { name = "Error", message }: WireError): Error {
  return Object.assign(new Error(`${functionArn} failed: ${message}${HINTS[name] ?? ""}`), { name });
}

/**
 * What an error of the invocation itself means. Lambda that says no, for whatever reason, has run nothing: that costs no
 * attempt, and is tried again after a while. Where no answer came, the agent may have run, and that counts.
 */
export function invocationError(functionArn: string, error: unknown): unknown {
  const cause = explained(error);
  if (HandoffError.isInstance(cause)) return cause;
  if (httpStatus(error) === undefined) return error;
  const what = error instanceof Error ? error.message : "";
  return new BackendUnusableError(`Lambda does not run ${functionArn} now (${errorName(error)}: ${what})`, {
    reason: "function-unavailable",
    retryable: true,
    cause: error,
  });
}
