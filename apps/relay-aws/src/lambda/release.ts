import { createRelay } from "@agenthandoff/core";
import { type LambdaRouter, lambdaRouter } from "@agenthandoff/lambda-router";
import { langchainClasses } from "@agenthandoff/langchain-adapter";
import { neighbours } from "../agents/declared.js";
import { release } from "../agents/release.js";
import { backendOn, resourcesOfEnvironment } from "../aws/resources.js";

/** One agent in a function of its own, with a role, a memory size and a timeout of its own. The others are declared. */
const resources = resourcesOfEnvironment();
const relay = createRelay({
  id: resources.relayId,
  agents: [...neighbours, release],
  backend: backendOn(resources),
  // It receives what the others learned, and they are LangChain agents.
  classes: langchainClasses,
});

export const handler: LambdaRouter = lambdaRouter(relay);
