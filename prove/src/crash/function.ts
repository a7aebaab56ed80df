import { type LambdaRouter, lambdaRouter } from "@agenthandoff/lambda-router";
import { openAws } from "./aws-backend.js";
import { doomedRelay } from "./doomed-relay.js";
import { fromEnvironment } from "./function-settings.js";

// A Lambda function of all agents that will be killed.

const settings = fromEnvironment();

export const handler: LambdaRouter = lambdaRouter(doomedRelay(openAws(settings.backend), settings), {
  marginMs: 1_000,
});
