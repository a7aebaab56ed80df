import {
  type Agent,
  type Backend,
  type Context,
  createRelay,
  type Relay,
  type RelayObserver,
} from "@agenthandoff/core";
import { langchainAgent } from "@agenthandoff/langchain-adapter";
import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { createAgent } from "langchain";
import { codeTools } from "./code-tools.js";
import { deployTools } from "./deploy-tools.js";
import { PROMPTS } from "./prompts.js";
import { qaTools } from "./qa-tools.js";
import { researchTools } from "./research-tools.js";

export type AgentName = "research" | "code" | "qa" | "deploy";

export const AGENT_NAMES: readonly AgentName[] = ["research", "code", "qa", "deploy"];

/** More hand-overs than any file needs: a model that goes in circles ends here. */
const MAX_HOPS = 60;

export interface TypedPackageOptions {
  readonly backend: Backend;
  /** What drives the agents. */
  readonly model: BaseChatModel;
  /** Told what this process does. */
  readonly observer?: RelayObserver;
  /** Called before each run of an agent, with what it received; what it returns is told what the agent does. */
  readonly onRun?: (agent: AgentName, context: Context) => readonly BaseCallbackHandler[];
}

/** Research → Code → QA → Deploy. QA hands back to Code as often as it must. */
export function typedPackageRelay({ backend, model, observer, onRun }: TypedPackageOptions): Relay<AgentName> {
  const config = (agent: AgentName) => ({
    config: (context: Context) => ({ callbacks: [...(onRun?.(agent, context) ?? [])] }),
  });
  const research = langchainAgent({
    name: "research",
    description: "Profiles a sample of the file",
    handsTo: ["code"],
    whenSilent: "fail",
    ...config("research"),
    agent: createAgent({ model, tools: [...researchTools], systemPrompt: PROMPTS.research }),
  });
  const code = langchainAgent({
    name: "code",
    description: "Writes the package from what research found",
    handsTo: ["qa"],
    whenSilent: "fail",
    ...config("code"),
    agent: createAgent({ model, tools: [...codeTools], systemPrompt: PROMPTS.code }),
  });
  const qa = langchainAgent({
    name: "qa",
    description: "Checks the package against every row",
    handsTo: ["code", "deploy"],
    whenSilent: "fail",
    ...config("qa"),
    agent: createAgent({ model, tools: [...qaTools], systemPrompt: PROMPTS.qa }),
  });
  const deploy: Agent<"deploy", never> = langchainAgent({
    name: "deploy",
    description: "Packs the tarball and reports",
    ...config("deploy"),
    agent: createAgent({ model, tools: [...deployTools], systemPrompt: PROMPTS.deploy }),
  });
  return createRelay({
    id: "typed-package",
    agents: [research, code, qa, deploy],
    backend,
    maxHops: MAX_HOPS,
    ...(observer && { observer }),
  });
}
