export {
  AuditError,
  type BackendErrorOptions,
  BackendUnusableError,
  isBackendError,
  StoreError,
  TransportError,
} from "./backend-errors.js";
export { HandoffError, type HandoffErrorCode, type HandoffErrorOptions, hasCode } from "./handoff-error.js";
export {
  HeadMovedError,
  IdempotencyConflictError,
  InvalidIdError,
  InvalidOptionsError,
  InvalidTransitionError,
  NonRetryableError,
  RetryLaterError,
  TaskErasedError,
  TaskNotFoundError,
  UnknownAgentError,
} from "./task-errors.js";
export {
  ContextIntegrityError,
  ContextTooDeepError,
  ContextTooLargeError,
  NotSerializableError,
  NotUnderstoodError,
} from "./value-errors.js";
