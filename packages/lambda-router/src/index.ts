export type { BatchResponse, FunctionContext } from "./event.js";
export { type AgentFunction, type AgentFunctionOptions, agentFunction } from "./invoke/agent-function.js";
export { InvalidAnswerError } from "./invoke/errors.js";
export { type InvokedAgentDefinition, invokedAgent } from "./invoke/invoked-agent.js";
export type { WireAnswer, WireDecision, WireEntry, WireError, WireRequest, WireResult } from "./invoke/wire.js";
export { type LambdaRouter, lambdaRouter } from "./lambda-router.js";
export type { LambdaRouterOptions } from "./options.js";
export { type ReconcileHandler, type ReconcileHandlerOptions, reconcileHandler } from "./reconcile-handler.js";
