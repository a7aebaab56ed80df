export { auditLogPromises, auditLogSuite } from "./audit/audit-log-suite.js";
export { type BackendSuiteOptions, backendPromises, backendSuite } from "./backend/backend-suite.js";
export { type CreateFixture, check, type Finding } from "./check.js";
export type { ContractPromise } from "./contract-promise.js";
export { contextStorePromises, contextStoreSuite } from "./store/context-store-suite.js";
export type { OptionalPromiseId, SuiteOptions } from "./suite-options.js";
export { transportPromises, transportSuite } from "./transport/transport-suite.js";
export type { Fixture, Trial } from "./trial.js";
