import { randomUUID } from "node:crypto";
import type { NewEntry } from "@agenthandoff/core";
import { BaseMessage } from "@langchain/core/messages";
import { renderView, viewMessage } from "../view/view.js";
import type { AgentDefinition } from "./definition.js";
import { givenMessages, handOverMessage, handOverText } from "./input.js";
import { messageCollector } from "./new-messages.js";
import type { Run } from "./run.js";
import type { RunnableShape } from "./shapes.js";

export interface RunnableRun {
  readonly definition: AgentDefinition;
  readonly run: Run;
  readonly shape: RunnableShape;
  readonly config: object;
}

export interface RunnableResult {
  readonly value: unknown;
  readonly output: unknown;
  readonly messages: readonly NewEntry[];
}

/** Runs a Runnable that keeps no state: what it returns is all there is. */
export async function runRunnable(options: RunnableRun): Promise<RunnableResult> {
  const input = runnableInput(options);
  const collector = messageCollector(options.definition.codec, Array.isArray(input) ? input : []);
  options.run.collector = collector;
  const value = await options.shape.runnable.invoke(input, options.config);
  const messages = messagesOf(value);
  for (const message of messages) if (message.id === undefined) message._updateId(randomUUID());
  collector.see(messages);
  return { value, output: messages.length === 0 ? value : messages.at(-1)?.text, messages: collector.entries() };
}

function runnableInput({ definition, run, shape }: RunnableRun): unknown {
  const { context } = run.turn;
  const given = definition.input?.(context);
  if (given !== undefined) {
    // A chain takes a string as it is; a model takes messages.
    return typeof given === "string" && shape.kind === "runnable" ? given : (givenMessages(given, true) ?? given);
  }
  const options = { agentName: definition.name, toolNames: [], view: definition.view };
  const view = definition.view === false ? undefined : renderView(context, definition.view);
  if (shape.kind === "runnable") return [view, handOverText(context, options)].filter(Boolean).join("\n\n");
  return [...(view === undefined ? [] : [viewMessage(view)]), handOverMessage(context, options)];
}

/** The messages in a result: itself, a list of them, or what an object holds under that name. */
function messagesOf(value: unknown): readonly BaseMessage[] {
  if (BaseMessage.isInstance(value)) return [value];
  const list: unknown = Array.isArray(value) ? value : (value as { messages?: unknown } | null | undefined)?.messages;
  return Array.isArray(list) && list.length > 0 && list.every((item) => BaseMessage.isInstance(item)) ? list : [];
}
