import { type ClassCodec, type Codec, createCodec, InvalidOptionsError } from "@agenthandoff/core";
import type { AgentMiddleware } from "langchain";
import { langchainClasses } from "../codec/classes.js";
import type { AgentFactory, AgentSource, LangchainAgentOptions } from "../types.js";
import { type HandoffTool, handoffTool } from "./handoff-tools.js";
import { relayMiddleware } from "./middleware.js";
import { checkSource, isReactAgent } from "./shapes.js";

type Options = LangchainAgentOptions<string, string>;

/** An agent's options, checked once, and what all of its runs share. */
export interface AgentDefinition extends Pick<Options, "input" | "decide" | "config"> {
  readonly name: string;
  readonly handsTo: readonly string[];
  readonly source: AgentSource | AgentFactory<string>;
  readonly view: Exclude<Options["view"], undefined>;
  readonly whenSilent: Exclude<Options["whenSilent"], undefined>;
  readonly classes: readonly ClassCodec[];
  readonly codec: Codec;
  readonly tools: readonly HandoffTool[];
  readonly middleware: AgentMiddleware;
}

/** @throws InvalidOptionsError */
export function createDefinition(options: Options): AgentDefinition {
  const {
    name,
    handsTo = [],
    agent,
    view = {},
    whenSilent = "complete",
    handoffSchema = {},
    input,
    decide,
    config,
  } = options;
  if (typeof agent !== "function") checkSource(agent, name);
  checkSilence(options);
  const stray = Object.keys(handoffSchema).find((to) => !handsTo.includes(to));
  if (stray !== undefined)
    throw new InvalidOptionsError(`handoffSchema.${stray}: agent "${name}" does not hand to "${stray}"`);
  const tools = handsTo.map((to) => handoffTool(to, handoffSchema[to]));
  const classes = [...langchainClasses, ...(options.classes ?? [])];
  return {
    name,
    handsTo,
    source: agent,
    view,
    whenSilent,
    classes,
    codec: createCodec({ classes }),
    tools,
    middleware: relayMiddleware({ tools, askAgain: whenSilent === "ask-again" }),
    ...(input === undefined ? {} : { input }),
    ...(decide === undefined ? {} : { decide }),
    ...(config === undefined ? {} : { config }),
  };
}

function checkSilence({ name, handsTo = [], agent, whenSilent }: Options): void {
  if (typeof whenSilent === "object" && !handsTo.includes(whenSilent.handoff)) {
    throw new InvalidOptionsError(
      `whenSilent: agent "${name}" does not hand to "${whenSilent.handoff}"; add it to handsTo`,
    );
  }
  if (whenSilent !== "ask-again") return;
  if (handsTo.length === 0) {
    throw new InvalidOptionsError(
      `whenSilent: agent "${name}" hands to nobody, so there is nothing to ask for; fill handsTo`,
    );
  }
  if (typeof agent !== "function" && !isReactAgent(agent)) {
    throw new InvalidOptionsError(
      `whenSilent: only an agent made by createAgent can be asked again, and "${name}" is another Runnable`,
    );
  }
}
