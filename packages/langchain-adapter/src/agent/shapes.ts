import { InvalidOptionsError } from "@agenthandoff/core";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import { type AgentMiddleware, createAgent } from "langchain";
import type { AgentSource, ReactAgentLike } from "../types.js";

/** Anything that streams the states it goes through: an agent, a compiled graph. */
export interface StateGraphLike {
  /** Nodes to stop at, or "all". */
  readonly interruptBefore?: readonly string[] | string;
  readonly interruptAfter?: readonly string[] | string;
  stream(input: unknown, config: object): Promise<AsyncIterable<unknown>>;
  getState?(config: object): Promise<{ readonly next: readonly string[] }>;
}

export interface PlainRunnable {
  invoke(input: unknown, config: object): Promise<unknown>;
}

/** Runs in steps, and shows its state after each: it can stop to ask, and go on later. */
export type StatefulShape =
  | {
      readonly kind: "agent";
      readonly graph: StateGraphLike;
      readonly speaker: string;
      /** The keys of the agent's own state schema. */
      readonly ownState: readonly string[];
      /** Tools whose result is the answer. */
      readonly directTools: ReadonlySet<string>;
      /** The limit that lets the agent's loop turn as often as `given`, or its own, does without the relay's hooks. */
      readonly recursionLimit: (given: number | undefined) => number;
    }
  | { readonly kind: "graph"; readonly graph: StateGraphLike; readonly hasMessages: boolean };

/** Takes one input and gives one result. */
export interface RunnableShape {
  readonly kind: "model" | "runnable";
  readonly runnable: PlainRunnable;
}

type AgentParameters = Parameters<typeof createAgent>[0];

export function isReactAgent(source: AgentSource): source is ReactAgentLike {
  return "options" in source && "graph" in source && !("lc_runnable" in source);
}

/**
 * Whether a value can be an agent at all.
 * @throws InvalidOptionsError
 */
export function checkSource(source: unknown, agentName: string): asserts source is AgentSource {
  const isObject = typeof source === "object" && source !== null;
  if (isObject && "invoke" in source && typeof source.invoke === "function") return;
  throw new InvalidOptionsError(
    `the agent of "${agentName}" is neither an agent, a Runnable nor a graph; pass what createAgent returns, anything with invoke(), or a function that returns one of them`,
  );
}

/** The agent as this run needs it. What the user passed stays as it is: other tasks run it at the same time. */
export function shapeOf(
  source: AgentSource,
  name: string,
  middleware: AgentMiddleware,
  saver: BaseCheckpointSaver,
): StatefulShape | RunnableShape {
  if (isReactAgent(source)) return rebuilt(source, name, middleware, saver);
  if ("lg_is_pregel" in source) return ownGraph(source, saver);
  return { kind: isChatModel(source) ? "model" : "runnable", runnable: source as unknown as PlainRunnable };
}

function rebuilt(
  agent: ReactAgentLike,
  name: string,
  ours: AgentMiddleware,
  checkpointer: BaseCheckpointSaver,
): StatefulShape {
  const options = agent.options as AgentParameters;
  const theirs: readonly AgentMiddleware[] = options.middleware ?? [];
  const middleware = theirs.includes(ours) ? theirs : [ours, ...theirs];
  const others = theirs.filter((each) => each !== ours);
  checkToolNames(allTools({ ...options, middleware: others } as AgentParameters), ours, name);
  const speaker = options.name ?? name;
  const built = createAgent({ ...options, name: speaker, middleware, checkpointer } as AgentParameters);
  const config = (agent.graph as { config?: RunnableConfig } | undefined)?.config;
  const graph = config === undefined ? built : built.withConfig(config as never);
  return {
    kind: "agent",
    graph: graph as unknown as StateGraphLike,
    speaker,
    ownState: schemaKeys(options.stateSchema),
    directTools: new Set(allTools(options).flatMap((tool) => (tool.returnDirect === true ? [String(tool.name)] : []))),
    recursionLimit: (given) => Math.ceil((given ?? config?.recursionLimit ?? RECURSION_LIMIT) * loopFactor(others)),
  };
}

/** The relay's own, before and after the model. */
const HOOKS = 2;

/** LangChain's default. */
const RECURSION_LIMIT = 25;

/** A turn of the loop is a step for the model, one for the tools, and one for each hook before or after the model. */
function loopFactor(theirs: readonly AgentMiddleware[]): number {
  const hooks = theirs.flatMap(({ beforeModel, afterModel }) => [beforeModel, afterModel].filter(Boolean));
  const steps = 2 + hooks.length;
  return (steps + HOOKS) / steps;
}

interface ToolLike {
  readonly name?: unknown;
  readonly returnDirect?: unknown;
}

function allTools({ tools = [], middleware = [] }: AgentParameters): readonly ToolLike[] {
  return [
    ...tools,
    ...(middleware as readonly AgentMiddleware[]).flatMap((each) => each.tools ?? []),
  ] as readonly ToolLike[];
}

function checkToolNames(tools: readonly ToolLike[], ours: AgentMiddleware, agentName: string): void {
  const reserved = new Set((ours.tools ?? []).map(({ name }) => name));
  const clash = tools.find(({ name }) => reserved.has(name as string))?.name;
  if (clash === undefined) return;
  throw new InvalidOptionsError(
    `agent "${agentName}" has a tool "${String(clash)}" of its own; leave it out, since handsTo makes it, or rename it`,
  );
}

/** A Zod object, LangGraph's StateSchema or its older Annotation. */
interface StateSchemaLike {
  readonly shape?: object;
  readonly fields?: object;
  readonly spec?: object;
}

function schemaKeys(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { shape, fields, spec } = schema as StateSchemaLike;
  return Object.keys(fields ?? shape ?? spec ?? {}).filter((key) => key !== "messages");
}

interface CompiledGraph extends StateGraphLike {
  checkpointer?: BaseCheckpointSaver;
  readonly channels?: object;
  withConfig(config: object): CompiledGraph;
}

function ownGraph(source: AgentSource, saver: BaseCheckpointSaver): StatefulShape {
  const graph = (source as unknown as CompiledGraph).withConfig({});
  graph.checkpointer = saver;
  return { kind: "graph", graph, hasMessages: "messages" in (graph.channels ?? {}) };
}

/** A chat model, bare or with bound settings. */
function isChatModel(source: object): boolean {
  const { _modelType, bound } = source as { _modelType?: unknown; bound?: unknown };
  if (typeof _modelType === "function") return (_modelType.call(source) as unknown) === "base_chat_model";
  return typeof bound === "object" && bound !== null && isChatModel(bound);
}
