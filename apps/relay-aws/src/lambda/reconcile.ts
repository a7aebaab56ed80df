import { type ReconcileHandler, reconcileHandler } from "@agenthandoff/lambda-router";
import { callersRelay } from "../agents/declared.js";
import { backendOn } from "../aws/resources.js";
import { relayOfFunction } from "./relay-of-function.js";

/** On a schedule: moves on what a crash or a lost message left behind. It runs no agent. */
const resources = relayOfFunction();

export const handler: ReconcileHandler = reconcileHandler(callersRelay(resources.relayId, backendOn(resources)));
