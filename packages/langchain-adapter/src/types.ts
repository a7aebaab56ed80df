import type { AgentDeclaration, ClassCodec, Context, DecisionOptions, NewEntry } from "@agenthandoff/core";
import type { BaseMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { AgentMiddleware } from "langchain";
import type { ZodObject } from "zod";
import type { ViewOptions } from "./view/view.js";

/** What `createAgent` returns, as far as this package needs it; so deep agents fit too, whatever their state. */
export interface ReactAgentLike {
  readonly options: { readonly model: unknown };
  readonly graph: unknown;
  invoke(...args: never[]): Promise<unknown>;
}

/** Any Runnable: a chain, a lambda, a chat model, a compiled graph. */
export interface RunnableLike {
  invoke(...args: never[]): Promise<unknown>;
}

export type AgentSource = ReactAgentLike | RunnableLike;

/** Makes the agent of one run. An agent that `createAgent` makes takes `memory.middleware` among its middleware. */
export type AgentFactory<To extends string> = (memory: AgentMemory<To>) => AgentSource | Promise<AgentSource>;

/** One run as its tools, graph nodes and factories see it. */
export interface AgentMemory<To extends string = string> {
  /**
   * What makes a `createAgent` agent part of the relay: the view of the past and the hand-off tools. It is added to
   * an agent that does not have it yet, in the first place; a factory may put it elsewhere.
   */
  readonly middleware: AgentMiddleware;
  /** Everything that earlier hops learned. */
  readonly context: Context;
  /** Aborted when the run must stop. The model and the tools get it too. */
  readonly signal: AbortSignal;
  /**
   * Hands the task on when the run ends, as a hand-off tool does. The first call decides.
   * @throws UnknownAgentError when the agent may not hand to `to`
   * @throws InvalidTransitionError when the run already hands to another
   */
  handoff(to: To, options?: DecisionOptions): void;
  /** Adds to what this hop hands over, after the messages: an artifact, an output, a state. */
  add(...entries: readonly NewEntry[]): void;
}

/** What happens when the model answers without handing the task on. */
export type WhenSilent<To extends string> =
  /** The answer completes the task. The default. */
  | "complete"
  /** The model is asked once more to hand on; if it answers again without doing so, that completes the task. */
  | "ask-again"
  /** The task fails. What the agent wrote is kept. */
  | "fail"
  /** The task goes to this agent. */
  | { readonly handoff: To };

/** A decision that code takes from the result of a run. */
export type Decided<To extends string> =
  | "complete"
  | { readonly handoff: To; readonly reason?: string; readonly output?: unknown };

export interface LangchainAgentOptions<Name extends string, To extends string>
  extends Omit<AgentDeclaration<Name, To>, "classes"> {
  /** An agent made by `createAgent`, any Runnable, a compiled graph, or a function that makes one for each run. */
  readonly agent: AgentSource | AgentFactory<NoInfer<To>>;
  /** What a model call sees of the past. `false`: nothing; then `input` should say what there is to know. */
  readonly view?: ViewOptions | false;
  /**
   * What the agent is started with. A string becomes a human message, a list of messages is made valid for
   * providers, an object is the first state of a graph (with a message about the hand-over, unless it has its own)
   * or the input of any other Runnable.
   */
  readonly input?: (context: Context) => string | readonly BaseMessage[] | object;
  readonly whenSilent?: WhenSilent<NoInfer<To>>;
  /**
   * Decides from the result (the final state of an agent or graph, the return value of another Runnable), unless
   * the run handed the task on itself.
   */
  readonly decide?: (result: unknown, context: Context) => Decided<NoInfer<To>> | Promise<Decided<NoInfer<To>>>;
  /** More arguments for hand-off tools, beside `reason`. What the model gives is the output of the hop. */
  readonly handoffSchema?: { readonly [Key in NoInfer<To>]?: ZodObject };
  /** Classes of the user's own that messages and states hold, beside those of LangChain. */
  readonly classes?: readonly ClassCodec[];
  /** Tags, metadata, callbacks, limits, `context` … for each run; the run's own signal is added. */
  readonly config?: LangchainRunConfig | ((context: Context) => LangchainRunConfig);
}

/** A RunnableConfig, and what LangGraph reads beside it (`context`, `store`, `recursionLimit` …). */
export type LangchainRunConfig = Omit<RunnableConfig, "signal"> & { readonly [option: string]: unknown };
