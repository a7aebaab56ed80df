export type { BatchResponse, FunctionContext } from "./event.js";
export { type LambdaRouter, lambdaRouter } from "./lambda-router.js";
export type { LambdaRouterOptions } from "./options.js";
export { type ReconcileHandler, type ReconcileHandlerOptions, reconcileHandler } from "./reconcile-handler.js";
