import type { GatedAgentName } from "@agenthandoff/typed-package";

/** Each has a queue of its own. */
export const AGENTS: readonly GatedAgentName[] = ["research", "code", "qa", "release", "deploy"];
