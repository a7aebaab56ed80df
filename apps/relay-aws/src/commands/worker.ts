import type { RelayObserver } from "@agenthandoff/core";
import type { GatedAgentName } from "@agenthandoff/typed-package";
import { fullRelay } from "../agents/full-relay.js";
import { backendOn, type RelayResources } from "../aws/resources.js";
import { AGENTS } from "./agents.js";
import type { Say } from "./say.js";

export interface WorkRequest {
  /** Default: all. */
  readonly agents?: readonly GatedAgentName[] | undefined;
  readonly signal: AbortSignal;
  /** `false`: a scheduled function does that. Default: true. */
  readonly reconcile?: boolean;
}

/** Works until the signal is aborted. @throws BackendUnusableError, saying what to mend */
export async function work(
  resources: RelayResources,
  { agents, signal, reconcile = true }: WorkRequest,
  say: Say,
): Promise<void> {
  const observer: RelayObserver = (event) => {
    if (event.kind !== "committed" || event.agent === null) return;
    say(`${event.agent.padEnd(8)} hop ${event.hop} of ${event.taskId} is committed: ${event.decision}`);
  };
  const relay = fullRelay(resources.relayId, backendOn(resources), observer);
  say(`working for ${(agents ?? AGENTS).join(", ")}`);
  const tellStop = (): void => say("told to stop: nothing new is taken, and what runs may end");
  signal.addEventListener("abort", tellStop, { once: true });
  try {
    await relay.worker({ signal, ...(agents && { agents }), ...(!reconcile && { reconcileEveryMs: false }) });
  } finally {
    signal.removeEventListener("abort", tellStop);
    await relay.close();
  }
  say("ended");
}
