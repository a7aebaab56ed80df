import { randomUUID } from "node:crypto";
import type { BaseLanguageModelInput } from "@langchain/core/language_models/base";
import {
  BaseChatModel,
  type BaseChatModelCallOptions,
  type BindToolsInput,
} from "@langchain/core/language_models/chat_models";
import {
  AIMessage,
  type AIMessageChunk,
  type BaseMessage,
  ToolMessage,
  type UsageMetadata,
} from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import type { Runnable } from "@langchain/core/runnables";
import { type Move, type OwnResult, POLICIES } from "./policies.js";
import { readRecord } from "./record.js";

/** How this model is named in records, reports and usage. */
export const RULE_MODEL_NAME = "offline-rules";

/** A rough measure of English text and JSON. Usage that is made from it says that it is an estimate. */
const CHARACTERS_A_TOKEN = 4;

const HANDOFF_PREFIX = "transfer_to_";

interface RuleModelOptions extends BaseChatModelCallOptions {
  readonly toolNames?: readonly string[];
}

function nameOf(tool: BindToolsInput): string {
  const { name, function: inner } = tool as { name?: unknown; function?: { name?: unknown } };
  const found = name ?? inner?.name;
  if (typeof found !== "string")
    throw new TypeError("the offline model knows tools by their names, and this one has none");
  return found;
}

const textOf = (messages: readonly BaseMessage[]): string =>
  messages
    .map((message) => message.text + (AIMessage.isInstance(message) ? JSON.stringify(message.tool_calls ?? []) : ""))
    .join("\n");

const estimate = (text: string): number => Math.ceil(text.length / CHARACTERS_A_TOKEN);

function ownResults(messages: readonly BaseMessage[]): OwnResult[] {
  return messages
    .filter((message) => ToolMessage.isInstance(message))
    .map((message) => ({ tool: message.name ?? "", text: message.text, failed: message.status === "error" }));
}

/**
 * A chat model without a language model: it follows fixed rules, works offline and answers the same each time. It makes
 * the tool calls that a language model would make, and decides from the messages it is given alone: where the record of
 * the earlier agents is missing, it cannot do its job and says so.
 */
export class RuleModel extends BaseChatModel<RuleModelOptions> {
  constructor() {
    super({});
  }

  override _llmType(): string {
    return RULE_MODEL_NAME;
  }

  override bindTools(
    tools: BindToolsInput[],
    options: Partial<RuleModelOptions> = {},
  ): Runnable<BaseLanguageModelInput, AIMessageChunk, RuleModelOptions> {
    return this.withConfig({ ...options, toolNames: tools.map(nameOf) }) as Runnable<
      BaseLanguageModelInput,
      AIMessageChunk,
      RuleModelOptions
    >;
  }

  override async _generate(messages: BaseMessage[], options: this["ParsedCallOptions"]): Promise<ChatResult> {
    options.signal?.throwIfAborted();
    const { say, call } = this.decide(messages, options.toolNames ?? []);
    const text = say + (call ? JSON.stringify(call.args) : "");
    const input = estimate(textOf(messages));
    const output = estimate(text);
    const usage: UsageMetadata = { input_tokens: input, output_tokens: output, total_tokens: input + output };
    const fields = {
      id: randomUUID(),
      content: say,
      tool_calls: call
        ? [{ id: `call_${randomUUID()}`, name: call.name, args: { ...call.args }, type: "tool_call" as const }]
        : [],
      response_metadata: { model_name: RULE_MODEL_NAME, model_provider: "agenthandoff", usage_is_estimated: true },
    };
    // The type of the constructor leaves no room for usage under `exactOptionalPropertyTypes`.
    const message = Object.assign(new AIMessage(fields), { usage_metadata: usage });
    return { generations: [{ text: say, message }] };
  }

  private decide(messages: readonly BaseMessage[], toolNames: readonly string[]): Move {
    const part = POLICIES.find(({ tool }) => toolNames.includes(tool));
    if (!part)
      return {
        say: "This is the offline, rule-based model of typed-package. It can only play research, code, qa and deploy.",
      };
    const record = messages
      .filter((message) => message.getType() === "human")
      .flatMap((message) => readRecord(message.text));
    const targets = toolNames
      .filter((name) => name.startsWith(HANDOFF_PREFIX))
      .map((name) => name.slice(HANDOFF_PREFIX.length));
    return part.policy({ record, own: ownResults(messages), targets });
  }
}
