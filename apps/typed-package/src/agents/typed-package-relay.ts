import {
  type Agent,
  type Backend,
  type Context,
  createRelay,
  NonRetryableError,
  type Relay,
  type RelayObserver,
} from "@agenthandoff/core";
import { type Decided, langchainAgent } from "@agenthandoff/langchain-adapter";
import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { type BaseMessage, ToolMessage } from "@langchain/core/messages";
import { createAgent } from "langchain";
import { codeTools } from "./code-tools.js";
import { deployTools } from "./deploy-tools.js";
import { PROMPTS } from "./prompts.js";
import { qaTools } from "./qa-tools.js";
import { researchTools } from "./research-tools.js";

export type AgentName = "research" | "code" | "qa" | "deploy";

/** The relay's agents where a gate stands before Deploy. */
export type GatedAgentName = AgentName | "release";

export const AGENT_NAMES: readonly AgentName[] = ["research", "code", "qa", "deploy"];

/** More hand-overs than any file needs: a model that goes in circles ends here. */
const MAX_HOPS = 60;

export interface TypedPackageOptions {
  /** Default: `typed-package`. */
  readonly id?: string;
  readonly backend: Backend;
  /** What drives the agents. */
  readonly model: BaseChatModel;
  /** Told what this process does. */
  readonly observer?: RelayObserver;
  /** Called before each run of an agent, with what it received; what it returns is told what the agent does. */
  readonly onRun?: (agent: AgentName, context: Context) => readonly BaseCallbackHandler[];
}

/** Stands between QA and Deploy: what QA passed goes on by its leave alone, or back to Code with a reason. */
export type Gate = Agent<"release", "code" | "deploy">;

export interface GatedPackageOptions extends TypedPackageOptions {
  readonly gate: Gate;
}

const messagesOf = (result: unknown): readonly BaseMessage[] =>
  (result as { messages: readonly BaseMessage[] }).messages;

/** A turn that ends without a hand-off ends the task: with what the model said last, for a person to read and retry. */
function mustHandOn(result: unknown): never {
  throw new NonRetryableError(
    `the model ended its turn without handing the task on. It said: ${messagesOf(result).at(-1)?.text ?? ""}`,
  );
}

/** Deploy has nobody to hand to; it is done when its report is written, and no sooner. */
function mustDeliver(result: unknown): Decided<never> {
  const messages = messagesOf(result);
  if (
    messages.some(
      (message) => ToolMessage.isInstance(message) && message.name === "write_report" && message.status !== "error",
    )
  ) {
    return "complete";
  }
  throw new NonRetryableError(
    `the model ended its turn without a tarball and a report. It said: ${messages.at(-1)?.text ?? ""}`,
  );
}

/** Research → Code → QA → Deploy. QA hands back to Code as often as it must. With a gate, QA → Release → Deploy. */
export function typedPackageRelay(options: GatedPackageOptions): Relay<GatedAgentName>;
export function typedPackageRelay(options: TypedPackageOptions): Relay<AgentName>;
export function typedPackageRelay({
  id = "typed-package",
  backend,
  model,
  observer,
  onRun,
  gate,
}: TypedPackageOptions & Partial<GatedPackageOptions>): Relay<GatedAgentName> | Relay<AgentName> {
  const config = (agent: AgentName) => ({
    config: (context: Context) => ({ callbacks: [...(onRun?.(agent, context) ?? [])] }),
  });
  const research = langchainAgent({
    name: "research",
    description: "Profiles a sample of the file",
    handsTo: ["code"],
    decide: mustHandOn,
    ...config("research"),
    agent: createAgent({ model, tools: [...researchTools], systemPrompt: PROMPTS.research }),
  });
  const code = langchainAgent({
    name: "code",
    description: "Writes the package from what research found",
    handsTo: ["qa"],
    decide: mustHandOn,
    ...config("code"),
    agent: createAgent({ model, tools: [...codeTools], systemPrompt: PROMPTS.code }),
  });
  const qaBefore = <const Next extends "deploy" | "release">(next: Next) =>
    langchainAgent({
      name: "qa",
      description: "Checks the package against every row",
      handsTo: ["code", next],
      decide: mustHandOn,
      ...config("qa"),
      agent: createAgent({ model, tools: [...qaTools], systemPrompt: PROMPTS.qa(next) }),
    });
  const deploy: Agent<"deploy", never> = langchainAgent({
    name: "deploy",
    description: "Packs the tarball and reports",
    decide: mustDeliver,
    ...config("deploy"),
    agent: createAgent({ model, tools: [...deployTools], systemPrompt: PROMPTS.deploy }),
  });
  const common = { id, backend, maxHops: MAX_HOPS, ...(observer && { observer }) };
  return gate
    ? createRelay({ ...common, agents: [research, code, qaBefore("release"), gate, deploy] })
    : createRelay({ ...common, agents: [research, code, qaBefore("deploy"), deploy] });
}
