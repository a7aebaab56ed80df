import { InvalidOptionsError } from "@agenthandoff/core";
import type { GatedAgentName } from "@agenthandoff/typed-package";

/** Each has a queue of its own. */
export const AGENTS: readonly GatedAgentName[] = ["research", "code", "qa", "release", "deploy"];

/**
 * Some agents, by commas.
 * @param subject what the text is, for the error
 * @throws InvalidOptionsError
 */
export function agentNames(text: string, subject = "It"): GatedAgentName[] {
  return text.split(",").map((name) => {
    const agent = AGENTS.find((known) => known === name);
    if (agent === undefined)
      throw new InvalidOptionsError(`${subject} must be some of ${AGENTS.join(",")}, by commas; "${name}" is none.`);
    return agent;
  });
}
