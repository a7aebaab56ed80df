import type { Usage } from "@agenthandoff/core";
import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { UsageMetadata } from "@langchain/core/messages";
import type { LLMResult } from "@langchain/core/outputs";

type Tokens =
  | "inputTokens"
  | "outputTokens"
  | "totalTokens"
  | "cacheReadTokens"
  | "cacheWriteTokens"
  | "reasoningTokens";
type Totals = { -readonly [K in Tokens]?: number };

export interface UsageMeter {
  /** Goes into the run's callbacks, which see every model call: a summarizer's and a nested agent's too. */
  readonly handler: BaseCallbackHandler;
  /** The sums so far. Token counts are left out when no model told any. */
  total(): Usage;
}

/**
 * Counts what one run costs.
 * @param onToolError told of every error that a tool throws, before anything can turn it into a message
 */
export function usageMeter(onToolError: (error: unknown) => void = () => {}): UsageMeter {
  const totals: Totals = {};
  let modelCalls = 0;
  let toolCalls = 0;
  const add = (name: Tokens, count: number | undefined) => {
    if (count !== undefined) totals[name] = (totals[name] ?? 0) + count;
  };
  const addMessage = (usage: UsageMetadata) => {
    add("inputTokens", usage.input_tokens);
    add("outputTokens", usage.output_tokens);
    add("totalTokens", usage.total_tokens);
    add("cacheReadTokens", usage.input_token_details?.cache_read);
    add("cacheWriteTokens", usage.input_token_details?.cache_creation);
    add("reasoningTokens", usage.output_token_details?.reasoning);
  };
  const handler = BaseCallbackHandler.fromMethods({
    handleChatModelStart() {
      modelCalls++;
    },
    handleLLMStart() {
      modelCalls++;
    },
    handleLLMEnd(output) {
      if (!addGenerations(output, addMessage)) addLegacy(output, add);
    },
    handleToolStart() {
      toolCalls++;
    },
    handleToolError: onToolError,
  });
  // The sums are read when the run ends, so none may still be on its way.
  handler.awaitHandlers = true;
  return { handler, total: () => ({ ...totals, modelCalls, toolCalls }) };
}

function addGenerations(output: LLMResult, add: (usage: UsageMetadata) => void): boolean {
  let found = false;
  for (const [first] of output.generations) {
    const message = (first as { message?: { usage_metadata?: UsageMetadata } } | undefined)?.message;
    if (message?.usage_metadata == null) continue;
    found = true;
    add(message.usage_metadata);
  }
  return found;
}

/** Completion models, and older integrations, tell the tokens beside the messages. */
function addLegacy(output: LLMResult, add: (name: Tokens, count: number | undefined) => void): void {
  const usage = (output.llmOutput as { tokenUsage?: Record<string, unknown> } | undefined)?.tokenUsage;
  const count = (name: string) => (typeof usage?.[name] === "number" ? usage[name] : undefined);
  add("inputTokens", count("promptTokens"));
  add("outputTokens", count("completionTokens"));
  add("totalTokens", count("totalTokens"));
}
