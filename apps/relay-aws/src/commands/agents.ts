import { InvalidOptionsError } from "@agenthandoff/core";
import type { GatedAgentName } from "@agenthandoff/typed-package";

/** Each has a queue of its own. */
export const AGENTS: readonly GatedAgentName[] = ["research", "code", "qa", "release", "deploy"];

/** Some agents, by commas. @throws InvalidOptionsError */
export function agentNames(text: string): GatedAgentName[] {
  return text.split(",").map((name) => {
    const agent = AGENTS.find((known) => known === name);
    if (agent === undefined) throw new InvalidOptionsError(`It must be some of ${AGENTS.join(",")}.`);
    return agent;
  });
}
