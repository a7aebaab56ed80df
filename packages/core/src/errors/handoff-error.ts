const MARKER = Symbol.for("agenthandoff.error");

/** Every code an error of this library can carry. A page of the documentation explains each. */
export type HandoffErrorCode =
  | "NOT_SERIALIZABLE"
  | "CONTEXT_TOO_DEEP"
  | "CONTEXT_TOO_LARGE"
  | "CONTEXT_INTEGRITY"
  | "NOT_UNDERSTOOD"
  | "INVALID_ID"
  | "INVALID_OPTIONS"
  | "UNKNOWN_AGENT"
  | "TASK_NOT_FOUND"
  | "TASK_ERASED"
  | "INVALID_TRANSITION"
  | "HEAD_MOVED"
  | "IDEMPOTENCY_CONFLICT"
  | "NON_RETRYABLE"
  | "RETRY_LATER"
  | "STORE"
  | "TRANSPORT"
  | "AUDIT"
  | "BACKEND_UNUSABLE"
  | "ABORTED";

export interface HandoffErrorOptions {
  readonly code: HandoffErrorCode;
  /** Whether the same call may succeed later without any change by the caller. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/**
 * The base of every error this library throws. The message names the thing and says what to do next;
 * it never holds a payload or a secret.
 */
export class HandoffError extends Error {
  readonly code: HandoffErrorCode;
  readonly retryable: boolean;

  constructor(message: string, options: HandoffErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code;
    this.retryable = options.retryable ?? false;
    // A marker rather than `instanceof`: two copies of this package may meet in one process.
    Object.defineProperty(this, MARKER, { value: true });
  }

  /** Whether a value is an error of this library, whichever copy of the package made it. */
  static isInstance(value: unknown): value is HandoffError {
    return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[MARKER] === true;
  }
}

/** Whether a value is an error of this library with this code. */
export function hasCode(value: unknown, code: HandoffErrorCode): value is HandoffError {
  return HandoffError.isInstance(value) && value.code === code;
}
