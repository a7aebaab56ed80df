export { clientDefaults } from "./client-defaults.js";
export { errorName, explained, httpStatus, isThrottled } from "./explain-error.js";
export { type AwsCall, type AwsCalls, guardCalls, type PartError } from "./guard-calls.js";
export { parseOptions } from "./parse-options.js";
