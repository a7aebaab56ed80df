import { HandoffError } from "./handoff-error.js";

/** An id does not match its grammar. */
export class InvalidIdError extends HandoffError {
  constructor(what: string, pattern: string) {
    super(`${what} is not valid; it must match ${pattern}`, { code: "INVALID_ID" });
  }
}

/** Options that cannot work, found when something is constructed. */
export class InvalidOptionsError extends HandoffError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: "INVALID_OPTIONS", cause: options.cause });
  }
}

/** An agent that this relay does not have, or that the sender may not hand to. */
export class UnknownAgentError extends HandoffError {
  constructor(message: string) {
    super(message, { code: "UNKNOWN_AGENT" });
  }
}

/** No slot of this task is filled. */
export class TaskNotFoundError extends HandoffError {
  constructor(taskId: string) {
    super(`there is no task ${taskId} in this relay; start it, or check the id and the backend`, {
      code: "TASK_NOT_FOUND",
    });
  }
}

/** The task's content was erased on request. Its slots remain, empty. */
export class TaskErasedError extends HandoffError {
  constructor(taskId: string) {
    super(`task ${taskId} was erased; its content cannot be had back`, { code: "TASK_ERASED" });
  }
}

/** What was asked does not fit the task's present state (a retry of a running task, say). */
export class InvalidTransitionError extends HandoffError {
  constructor(message: string) {
    super(message, { code: "INVALID_TRANSITION" });
  }
}

/** The task has moved since the caller looked: nobody retries or answers what they have not read. */
export class HeadMovedError extends HandoffError {
  constructor(taskId: string) {
    super(`task ${taskId} has moved on since its head was read; read it again and decide anew`, { code: "HEAD_MOVED" });
  }
}

/** The same task id was started before with another input. */
export class IdempotencyConflictError extends HandoffError {
  constructor(taskId: string) {
    super(`task ${taskId} was already started with another input; use another task id, or repeat the same input`, {
      code: "IDEMPOTENCY_CONFLICT",
    });
  }
}

/** Thrown by an agent: trying again is useless, so the task fails at once. */
export class NonRetryableError extends HandoffError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: "NON_RETRYABLE", cause: options.cause });
  }
}

/** Thrown by an agent: try again, but not before `retryAfterMs` milliseconds (a provider's rate limit). */
export class RetryLaterError extends HandoffError {
  readonly retryAfterMs: number;

  constructor(message: string, options: { retryAfterMs: number; cause?: unknown }) {
    super(message, { code: "RETRY_LATER", retryable: true, cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }
}
