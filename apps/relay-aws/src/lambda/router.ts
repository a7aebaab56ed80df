import { type LambdaRouter, lambdaRouter } from "@agenthandoff/lambda-router";
import { fullRelay } from "../agents/full-relay.js";
import { backendOn, resourcesOfEnvironment } from "../aws/resources.js";

/** All agents in one function. Connect it to as many of their queues as you like: SQS says which agent is meant. */
const resources = resourcesOfEnvironment();

export const handler: LambdaRouter = lambdaRouter(fullRelay(resources.relayId, backendOn(resources)));
