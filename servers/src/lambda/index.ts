export { type Bundle, type BundleOptions, bundleFunction } from "./bundle.js";
export { type EventSource, type EventSourceOptions, eventSource, type Polled } from "./event-source.js";
export { type LambdaEndpoint, lambdaEndpoint } from "./lambda-endpoint.js";
export {
  type FunctionError,
  type FunctionOptions,
  type Invocation,
  type LambdaFunction,
  lambdaFunction,
} from "./lambda-function.js";
export { failedIn, type SqsEvent, type SqsEventRecord, sqsEvent } from "./sqs-event.js";
