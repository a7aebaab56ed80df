import {
  type DecisionOptions,
  InvalidOptionsError,
  InvalidTransitionError,
  type NewEntry,
  type Turn,
  UnknownAgentError,
} from "@agenthandoff/core";
import type { HumanMessage } from "@langchain/core/messages";
import type { AgentMiddleware } from "langchain";
import type { AgentMemory } from "../types.js";
import type { MessageCollector } from "./new-messages.js";

/** Where a run stands in the `configurable` of every model, tool and node. It never leaves the process. */
const RUN_KEY = "agenthandoff";

export interface HandoffChoice {
  readonly to: string;
  readonly options: DecisionOptions;
}

/** What belongs to one run. Nothing of it lives in closures of an agent, which concurrent tasks share. */
export interface Run {
  readonly agentName: string;
  readonly handsTo: readonly string[];
  readonly turn: Turn;
  readonly signal: AbortSignal;
  readonly memory: AgentMemory;
  /** Added in front of the messages of each model call. */
  view: HumanMessage | undefined;
  /** The name that LangChain gives to the answers of the agent's model. */
  speaker: string | undefined;
  /** Tools whose result is the answer of the agent. */
  directTools: ReadonlySet<string>;
  /** Gathers what is new. Undefined until the run has its input. */
  collector: MessageCollector | undefined;
  choice: HandoffChoice | undefined;
  /** Whether the model was already asked to hand on. */
  askedAgain: boolean;
  readonly added: NewEntry[];
  readonly keys: Map<string, string>;
}

export function createRun(options: {
  readonly agentName: string;
  readonly handsTo: readonly string[];
  readonly turn: Turn;
  readonly signal: AbortSignal;
  readonly middleware: AgentMiddleware;
}): Run {
  const { agentName, handsTo, turn, signal, middleware } = options;
  const run: Run = {
    agentName,
    handsTo,
    turn,
    signal,
    view: undefined,
    speaker: undefined,
    directTools: new Set(),
    collector: undefined,
    choice: undefined,
    askedAgain: false,
    added: [],
    keys: new Map(),
    memory: {
      middleware,
      context: turn.context,
      signal,
      handoff: (to, options = {}) => choose(run, { to, options }),
      add: (...entries) => void run.added.push(...entries),
    },
  };
  return run;
}

function choose(run: Run, choice: HandoffChoice): void {
  if (!run.handsTo.includes(choice.to)) {
    const allowed = run.handsTo.length === 0 ? "nobody" : run.handsTo.join(", ");
    throw new UnknownAgentError(`agent "${run.agentName}" may not hand to "${choice.to}"; it hands to: ${allowed}`);
  }
  if (run.choice !== undefined) {
    throw new InvalidTransitionError(`this run already hands to "${run.choice.to}"; a run hands on once`);
  }
  run.choice = choice;
}

/** What goes into `configurable`, so that models, tools and nodes find their run. */
export function runConfigurable(run: Run): Record<string, unknown> {
  return { [RUN_KEY]: run };
}

interface Configured {
  readonly configurable?: Readonly<Record<string, unknown>>;
  readonly config?: Configured;
}

export function findRun(source: unknown): Run | undefined {
  if (typeof source !== "object" || source === null) return undefined;
  const { configurable, config } = source as Configured;
  return (configurable?.[RUN_KEY] ?? config?.configurable?.[RUN_KEY]) as Run | undefined;
}

/** @throws InvalidOptionsError when what is given does not come from a run of a relay */
export function requireRun(source: unknown, caller: string): Run {
  const run = findRun(source);
  if (run !== undefined) return run;
  throw new InvalidOptionsError(
    `${caller} found no run of a relay; pass on the second argument that LangChain gives to tools, nodes and lambdas, inside an agent made by langchainAgent`,
  );
}
