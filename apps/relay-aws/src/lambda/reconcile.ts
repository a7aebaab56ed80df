import { type ReconcileHandler, reconcileHandler } from "@agenthandoff/lambda-router";
import { callersRelay } from "../agents/declared.js";
import { backendOn, resourcesOfEnvironment } from "../aws/resources.js";

/** On a schedule: moves on what a crash or a lost message left behind. It runs no agent. */
const resources = resourcesOfEnvironment();
const relay = callersRelay(resources.relayId, backendOn(resources));

/** Every few minutes. The metric `TasksWaitingLong` tells of releases that nobody has decided. */
export const handler: ReconcileHandler = reconcileHandler(relay, { metrics: true });

/** Every night: walks the store itself, and sweeps what nobody names. */
export const full: ReconcileHandler = reconcileHandler(relay, { full: true });
