import { InvalidOptionsError, type NewEntry } from "@agenthandoff/core";
import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";
import { Command } from "@langchain/langgraph";
import { renderView, viewMessage } from "../view/view.js";
import {
  CHECKPOINT_NAME,
  type Question,
  type Resumption,
  type RunCheckpoint,
  resumptionOf,
} from "./checkpoint-entry.js";
import type { AgentDefinition } from "./definition.js";
import { givenMessages, handOverMessage } from "./input.js";
import { messageCollector } from "./new-messages.js";
import type { Run } from "./run.js";
import { type GraphState, runGraph } from "./run-graph.js";
import { messagesOfThread, type RunSaver } from "./run-saver.js";
import type { StatefulShape } from "./shapes.js";

export interface StatefulOptions {
  readonly definition: AgentDefinition;
  readonly run: Run;
  readonly shape: StatefulShape;
  readonly saver: RunSaver;
  readonly config: { readonly configurable: { readonly thread_id: string } };
}

export type StatefulResult =
  | {
      readonly status: "done";
      readonly state: GraphState;
      readonly output: unknown;
      readonly handoffOutput: unknown;
      readonly entries: readonly NewEntry[];
    }
  | {
      readonly status: "asks";
      readonly question: unknown;
      readonly reason?: string;
      readonly entries: readonly NewEntry[];
    };

/** Runs an agent or a graph, from its beginning or from where it stopped to ask. */
export async function runStateful(options: StatefulOptions): Promise<StatefulResult> {
  const { definition, run, shape } = options;
  const { context } = run.turn;
  const resumption = resumptionOf(context, definition.name);
  const throughHop = resumption?.checkpoint.throughHop ?? context.hop;
  const view = definition.view === false ? undefined : viewMessage(renderView(context, definition.view, throughHop));
  if (shape.kind === "agent") {
    run.view = view;
    run.speaker = shape.speaker;
    run.directTools = shape.directTools;
  }
  if (resumption !== undefined) return resume(options, resumption);
  const before = view === undefined || shape.kind === "agent" ? [] : [view];
  const input = startInput(options, before);
  const messages = input.messages;
  return runFrom(options, input, Array.isArray(messages) ? messages : [], throughHop);
}

function startInput({ definition, run, shape }: StatefulOptions, before: readonly BaseMessage[]): GraphState {
  const { context } = run.turn;
  const takesMessages = shape.kind === "agent" || shape.hasMessages;
  const given = definition.input?.(context);
  // An agent has a system prompt of its own.
  const asMessages = (value: unknown) => givenMessages(value, shape.kind !== "agent");
  const messages = asMessages(given);
  if (messages !== undefined) {
    if (takesMessages) return { messages };
    throw new InvalidOptionsError(
      `the graph of agent "${definition.name}" has no messages; let its input return a state`,
    );
  }
  if (Array.isArray(given))
    throw new InvalidOptionsError(`the input of agent "${definition.name}" is a list of something else than messages`);
  const state = (given ?? {}) as GraphState;
  if ("messages" in state) return { ...state, messages: asMessages(state.messages) ?? state.messages };
  if (takesMessages) {
    const toolNames = shape.kind === "agent" ? definition.tools.map(({ name }) => name) : [];
    const message = handOverMessage(context, { agentName: definition.name, toolNames, view: definition.view });
    return { ...state, messages: [...before, message] };
  }
  if (given !== undefined) return state;
  throw new InvalidOptionsError(
    `the graph of agent "${definition.name}" has no messages; give langchainAgent an input that makes its state`,
  );
}

async function resume(options: StatefulOptions, { checkpoint, answer, recorded }: Resumption): Promise<StatefulResult> {
  const { run, saver, config } = options;
  const { questions, thread, throughHop } = checkpoint;
  const answers = answersTo(questions, answer);
  if (answers === undefined) {
    const reason = `the answer must be a list with one answer for each of the ${questions.length} questions`;
    const entries: readonly NewEntry[] = [{ kind: "state", name: CHECKPOINT_NAME, value: checkpoint }];
    return { status: "asks", question: questionOf(questions), reason, entries };
  }
  run.choice = checkpoint.choice;
  run.askedAgain = checkpoint.askedAgain;
  await saver.restore(config.configurable.thread_id, thread);
  const pairs = questions.map(({ interruptId }, index) => [interruptId, answers[index]] as const);
  const input = pairs.length === 0 ? null : new Command({ resume: Object.fromEntries(pairs) });
  return runFrom(options, input, [...recorded, ...messagesOfThread(thread)], throughHop);
}

async function runFrom(
  options: StatefulOptions,
  input: unknown,
  known: readonly unknown[],
  throughHop: number,
): Promise<StatefulResult> {
  const { definition, run, shape, saver, config } = options;
  const collector = messageCollector(definition.codec, known);
  run.collector = collector;
  const { state, questions } = await runGraph(shape.graph, input, config, collector);
  const messages = collector.entries();
  if (questions !== undefined) {
    const { choice, askedAgain } = run;
    const thread = saver.save(config.configurable.thread_id);
    const checkpoint: RunCheckpoint = { thread, questions, throughHop, choice, askedAgain };
    const entries: readonly NewEntry[] = [...messages, { kind: "state", name: CHECKPOINT_NAME, value: checkpoint }];
    return { status: "asks", question: questionOf(questions), entries };
  }
  const { structuredResponse } = state;
  const withMessages = shape.kind === "agent" || shape.hasMessages;
  const output = structuredResponse ?? (withMessages ? finalText(state.messages) : state);
  return {
    status: "done",
    state,
    output,
    // An agent's last message is then the answer of the hand-off tool.
    handoffOutput: shape.kind === "agent" ? structuredResponse : output,
    entries: withMessages ? [...messages, ...stateEntries(state, shape)] : messages,
  };
}

/** One answer for each question; undefined when they do not fit. */
function answersTo(questions: readonly Question[], answer: unknown): readonly unknown[] | undefined {
  if (questions.length === 0) return [];
  if (questions.length === 1) return [answer];
  return Array.isArray(answer) && answer.length === questions.length ? answer : undefined;
}

/** One question as it is; several as a list, to be answered by a list. */
function questionOf(questions: readonly Question[]): unknown {
  const values = questions.map(({ value }) => value);
  return values.length === 1 ? values[0] : values;
}

const NOT_STATE = new Set(["messages", "structuredResponse", "jumpTo"]);

function stateEntries(state: GraphState, shape: StatefulShape): readonly NewEntry[] {
  const names = shape.kind === "agent" ? shape.ownState : Object.keys(state);
  return names
    .filter((name) => !NOT_STATE.has(name) && state[name] !== undefined)
    .map((name) => ({ kind: "state", name, value: state[name] }));
}

function finalText(messages: unknown): string | undefined {
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
  return AIMessage.isInstance(last) || ToolMessage.isInstance(last) ? (last as BaseMessage).text : undefined;
}
