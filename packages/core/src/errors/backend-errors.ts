import { HandoffError } from "./handoff-error.js";

export interface BackendErrorOptions {
  /** What the call was about: a key, a queue, a task. Never a payload. */
  readonly subject?: string;
  readonly cause?: unknown;
  /** Whether the same call may succeed later. Default true: an outage passes. */
  readonly retryable?: boolean;
  readonly hint?: string;
}

function describe(part: string, operation: string, options: BackendErrorOptions): string {
  const subject = options.subject === undefined ? "" : ` (${options.subject})`;
  const cause = options.cause instanceof Error ? `: ${options.cause.message}` : "";
  const hint = options.hint === undefined ? "" : `; ${options.hint}`;
  return `the ${part} failed to ${operation}${subject}${cause}${hint}`;
}

/** The store failed or gave no answer. For a write this is ambiguous: it may have happened. */
export class StoreError extends HandoffError {
  readonly operation: string;

  constructor(operation: string, options: BackendErrorOptions = {}) {
    super(describe("store", operation, options), {
      code: "STORE",
      retryable: options.retryable ?? true,
      cause: options.cause,
    });
    this.operation = operation;
  }
}

/** The queue failed or gave no answer. For a send this is ambiguous: it may have happened. */
export class TransportError extends HandoffError {
  readonly operation: string;

  constructor(operation: string, options: BackendErrorOptions = {}) {
    super(describe("queue", operation, options), {
      code: "TRANSPORT",
      retryable: options.retryable ?? true,
      cause: options.cause,
    });
    this.operation = operation;
  }
}

/** The audit log failed or gave no answer. For an append this is ambiguous: it may have happened. */
export class AuditError extends HandoffError {
  readonly operation: string;

  constructor(operation: string, options: BackendErrorOptions = {}) {
    super(describe("audit log", operation, options), {
      code: "AUDIT",
      retryable: options.retryable ?? true,
      cause: options.cause,
    });
    this.operation = operation;
  }
}

/** The backend as it is set up cannot keep its promises (wrong permissions, newer format, no locks …). */
export class BackendUnusableError extends HandoffError {
  /** A short word for programs: `permission`, `disk-full`, `read-only`, `newer-version`, `corrupt`, `foreign`, `network-file-system` … */
  readonly reason: string;

  constructor(message: string, options: { reason: string; cause?: unknown; retryable?: boolean }) {
    super(message, { code: "BACKEND_UNUSABLE", retryable: options.retryable ?? false, cause: options.cause });
    this.reason = options.reason;
  }
}

/** Whether an error is the backend's fault, not the agent's: such a run costs the task no attempt. */
export function isBackendError(error: unknown): error is HandoffError {
  if (!HandoffError.isInstance(error)) return false;
  return (
    error.code === "STORE" || error.code === "TRANSPORT" || error.code === "AUDIT" || error.code === "BACKEND_UNUSABLE"
  );
}
