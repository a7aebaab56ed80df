import { type BackendErrorOptions, HandoffError } from "@agenthandoff/core";
import { explained } from "./explain-error.js";

/** What a call wants, for its error's message, and what ends it early. */
export interface AwsCall {
  readonly operation: string;
  /** What it is about: a key, a queue, a task. */
  readonly subject: string;
  readonly signal?: AbortSignal | undefined;
}

/** The error that stands for a part of the backend: `StoreError`, `TransportError`, `AuditError`. */
export type PartError = new (operation: string, options: BackendErrorOptions) => HandoffError;

/** A service as one part of the backend sees it. */
export type AwsCalls = <Result>(call: AwsCall, work: () => Promise<Result>) => Promise<Result>;

/**
 * Whatever fails inside becomes an error of that part, explained where a person must act; an aborted call rejects with
 * its signal's reason. Errors of this library that are no backend's (an invalid option, a context too large) pass.
 */
export function guardCalls(Part: PartError): AwsCalls {
  return async ({ operation, subject, signal }, work) => {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      const cause = explained(error);
      if (HandoffError.isInstance(cause) && cause.code !== "BACKEND_UNUSABLE") throw cause;
      const retryable = HandoffError.isInstance(cause) ? cause.retryable : true;
      throw new Part(operation, { subject, cause, retryable });
    }
  };
}
