import type { Context } from "@agenthandoff/core";
import { BaseMessage, HumanMessage } from "@langchain/core/messages";
import { providerValid } from "../view/provider-valid.js";
import { textOf } from "../view/text.js";
import type { ViewOptions } from "../view/view.js";

/** Messages that the relay gives a run begin so; they are no part of what the run adds to the record. */
const INPUT_ID_PREFIX = "agenthandoff-input-";

export interface InputOptions {
  readonly agentName: string;
  readonly toolNames: readonly string[];
  readonly view: ViewOptions | false;
}

/** Tells an agent why it runs. What there is to know stands in the view. */
export function handOverMessage(context: Context, options: InputOptions): HumanMessage {
  return new HumanMessage({ id: `${INPUT_ID_PREFIX}0`, content: handOverText(context, options) });
}

export function handOverText(context: Context, { agentName, toolNames, view }: InputOptions): string {
  const lines = [`You are "${agentName}". ${occasion(context)}`];
  if (view === false && context.hop === 0) lines.push(textOf(context.input));
  if (toolNames.length > 0) {
    lines.push(
      `When your part is done, hand the task on with one of: ${toolNames.join(", ")}. Answering without one of them is your final answer.`,
    );
  }
  return lines.join("\n");
}

function occasion({ from, reason, answer, handoffs, hop }: Context): string {
  if (from !== null) return `"${from}" hands this task to you${reason === undefined ? "." : `: ${reason}`}`;
  if (answer !== undefined) return `The task was waiting, and a person answers: ${textOf(answer)}`;
  const before = handoffs.find((each) => each.hop === hop - 1)?.decision;
  if (before?.kind === "fail") return `The task failed and is to be tried again. It failed because: ${before.reason}`;
  return "The task begins with you.";
}

/**
 * What `options.input` returned, as messages. Undefined: it is a state, or another Runnable's input.
 * @param systemMessage whether the first may be a system message
 */
export function givenMessages(given: unknown, systemMessage: boolean): BaseMessage[] | undefined {
  if (typeof given === "string") return [new HumanMessage({ id: `${INPUT_ID_PREFIX}0`, content: given })];
  if (!Array.isArray(given) || !given.every((item) => BaseMessage.isInstance(item))) return undefined;
  return providerValid(given, { idPrefix: INPUT_ID_PREFIX, systemMessage });
}
