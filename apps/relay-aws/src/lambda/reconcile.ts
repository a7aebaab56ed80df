import { type ReconcileHandler, reconcileHandler } from "@agenthandoff/lambda-router";
import { callersRelay } from "../agents/declared.js";
import { backendOn, resourcesOfEnvironment } from "../aws/resources.js";

/** On a schedule: moves on what a crash or a lost message left behind. It runs no agent. */
const resources = resourcesOfEnvironment();

export const handler: ReconcileHandler = reconcileHandler(callersRelay(resources.relayId, backendOn(resources)));
