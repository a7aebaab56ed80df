import { HandoffError } from "./handoff-error.js";

/** A value cannot be kept without loss. Thrown at the sender, before anything is stored. */
export class NotSerializableError extends HandoffError {
  /** Where the value stands, as a JSON path: `$.messages[3].content`. */
  readonly path: string;

  constructor(options: { path: string; what: string; hint?: string }) {
    const hint = options.hint ?? "pass plain data, or register its class with the relay's codec";
    super(`${options.what} at ${options.path} cannot be kept without loss; ${hint}`, { code: "NOT_SERIALIZABLE" });
    this.path = options.path;
  }
}

/** A value is nested deeper than the limit. */
export class ContextTooDeepError extends HandoffError {
  readonly limit: number;

  constructor(options: { limit: number; path?: string }) {
    const where = options.path === undefined ? "" : ` at ${options.path}`;
    super(`a value is nested deeper than ${options.limit} levels${where}; flatten it`, { code: "CONTEXT_TOO_DEEP" });
    this.limit = options.limit;
  }
}

/** Something is larger than its limit. Nothing was stored. */
export class ContextTooLargeError extends HandoffError {
  /** In bytes. */
  readonly limit: number;

  constructor(options: { what: string; limit: number; size?: number; hint?: string }) {
    const size = options.size === undefined ? "" : ` (${options.size} bytes)`;
    const hint = options.hint ?? "store large data as an artifact, or raise the limit";
    super(`${options.what}${size} is larger than ${options.limit} bytes; ${hint}`, { code: "CONTEXT_TOO_LARGE" });
    this.limit = options.limit;
  }
}

/** Stored or received bytes are not what was written: missing, truncated, altered or malformed. No agent runs on them. */
export class ContextIntegrityError extends HandoffError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { code: "CONTEXT_INTEGRITY", cause: options.cause });
  }
}

/** Valid bytes that a newer version wrote (a newer `v`, an unknown entry in `requires`, an unregistered class). */
export class NotUnderstoodError extends HandoffError {
  constructor(what: string, options: { hint?: string } = {}) {
    super(`${what} is not understood by this version; ${options.hint ?? "upgrade this worker"}`, {
      code: "NOT_UNDERSTOOD",
      retryable: true,
    });
  }
}
