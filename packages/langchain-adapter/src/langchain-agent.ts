import { type Agent, defineAgent, type Turn } from "@agenthandoff/core";
import { createDefinition } from "./agent/definition.js";
import { runAgent } from "./agent/run-agent.js";
import type { LangchainAgentOptions } from "./types.js";

/**
 * Makes an agent of a relay from an agent of LangChain: what `createAgent` returns, any Runnable, a compiled graph,
 * or a function that makes one for each run.
 *
 * Before each run the past becomes a view for the model; after it, every message that the run brought forth, its
 * state and its result become entries of the handoff.
 * @throws InvalidOptionsError
 */
export function langchainAgent<const Name extends string, const To extends string = never>(
  options: LangchainAgentOptions<Name, To>,
): Agent<Name, NoInfer<To>> {
  const { name, handsTo, description, version, deadlineMs } = options;
  const definition = createDefinition(options as unknown as LangchainAgentOptions<string, string>);
  return defineAgent<Name, To>({
    name,
    classes: definition.classes,
    ...(handsTo === undefined ? {} : { handsTo }),
    ...(description === undefined ? {} : { description }),
    ...(version === undefined ? {} : { version }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    run: (turn) => runAgent(definition, turn as unknown as Turn),
  });
}
