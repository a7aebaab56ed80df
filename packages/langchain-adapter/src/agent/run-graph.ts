import type { Question } from "./checkpoint-entry.js";
import type { MessageCollector } from "./new-messages.js";
import type { StateGraphLike } from "./shapes.js";

export type GraphState = Readonly<Record<string, unknown>>;

export interface GraphOutcome {
  readonly state: GraphState;
  /** What the graph asks; undefined when it ran to its end. Empty: it stopped at a breakpoint, and asks nothing. */
  readonly questions: readonly Question[] | undefined;
}

interface InterruptChunk {
  readonly __interrupt__?: readonly { readonly id?: string; readonly value?: unknown }[];
}

/** Runs a graph to its end or to its next question, and shows every state on the way to the collector. */
export async function runGraph(
  graph: StateGraphLike,
  input: unknown,
  config: object,
  collector: MessageCollector,
): Promise<GraphOutcome> {
  let state: GraphState = {};
  let questions: Question[] | undefined;
  for await (const chunk of await graph.stream(input, { ...config, streamMode: "values" })) {
    const { __interrupt__: interrupts, ...values } = chunk as InterruptChunk & GraphState;
    if (interrupts !== undefined) {
      questions ??= [];
      for (const { id, value } of interrupts) questions.push({ interruptId: id ?? "", value });
    }
    if (Object.keys(values).length > 0) {
      state = values;
      collector.see(values.messages);
    }
  }
  return { state, questions: questions ?? (await breakpoint(graph, config)) };
}

/** A graph that stops at a breakpoint does so silently: it only has something left to do. */
async function breakpoint(graph: StateGraphLike, config: object): Promise<Question[] | undefined> {
  const { interruptBefore = [], interruptAfter = [] } = graph;
  if (interruptBefore.length === 0 && interruptAfter.length === 0) return undefined;
  const { next } = (await graph.getState?.(config)) ?? { next: [] };
  return next.length > 0 ? [] : undefined;
}
