export { type ClientDefaults, clientDefaults, DEFAULT_TIMEOUT_MS } from "./client-defaults.js";
export { clientOption, clockOption, randomOption, regionOption } from "./common-options.js";
export { errorName, explained, httpStatus, isThrottled } from "./explain-error.js";
export { type AwsCall, type AwsCalls, guardCalls, type PartError } from "./guard-calls.js";
export { parseOptions } from "./parse-options.js";
export { type Patience, patiently } from "./patience.js";
