import { type Agent, type Backend, createRelay, declareAgent, type Relay } from "@agenthandoff/core";
import type { AgentName, GatedAgentName } from "@agenthandoff/typed-package";

type Neighbour<Name extends AgentName, To extends GatedAgentName> = Agent<Name, To>;

/** Release's neighbours as those know them who run none of them: no model and no tool is loaded. */
export const neighbours: readonly [
  Neighbour<"research", "code">,
  Neighbour<"code", "qa">,
  Neighbour<"qa", "code" | "release">,
  Neighbour<"deploy", never>,
] = [
  declareAgent({ name: "research", handsTo: ["code"] }),
  declareAgent({ name: "code", handsTo: ["qa"] }),
  declareAgent({ name: "qa", handsTo: ["code", "release"] }),
  declareAgent({ name: "deploy" }),
];

/** The relay for those who start tasks, look at them and answer: it runs no agent. */
export const callersRelay = (id: string, backend: Backend): Relay<GatedAgentName> =>
  createRelay({
    id,
    agents: [...neighbours, declareAgent({ name: "release", handsTo: ["code", "deploy"] })],
    backend,
  });
