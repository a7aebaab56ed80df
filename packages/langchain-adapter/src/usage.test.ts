import type { Agent, TurnResult } from "@agenthandoff/core";
import { LLM } from "@langchain/core/language_models/llms";
import type { UsageMetadata } from "@langchain/core/messages";
import type { LLMResult } from "@langchain/core/outputs";
import { createAgent, createMiddleware, type ToolRuntime, tool } from "langchain";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { langchainAgent } from "./index.js";
import { type FakeTurn, fakeTurn } from "./testing/fake-turn.js";
import { calls, says, streamingModel, strictModel } from "./testing/strict-model.js";

const run = async (agent: Agent, turn: FakeTurn = fakeTurn()) => (await agent.run?.(turn)) as TurnResult;
const noArguments = z.object({});

describe("usage", () => {
  const tokens = (input: number, output: number): UsageMetadata => ({
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    input_token_details: { cache_read: 1, cache_creation: 2 },
    output_token_details: { reasoning: 3 },
  });
  const look = tool(() => "seen", { name: "look", schema: noArguments });

  it("is summed over all calls of models and tools", async () => {
    const model = strictModel(
      Object.assign(calls(["look"], ["look"]), { usage_metadata: tokens(10, 5) }),
      says("x", tokens(20, 7)),
    );
    const result = await run(langchainAgent({ name: "a", agent: createAgent({ model, tools: [look] }) }));
    expect(result.usage).toEqual({
      inputTokens: 30,
      outputTokens: 12,
      totalTokens: 42,
      cacheReadTokens: 2,
      cacheWriteTokens: 4,
      reasoningTokens: 6,
      modelCalls: 2,
      toolCalls: 2,
    });
  });

  it("includes what middleware spends, and what a tool's own models spend", async () => {
    const helper = strictModel(says("short", tokens(100, 1)), says("ask", tokens(1000, 1)));
    const ask = tool(async (_, runtime: ToolRuntime) => (await helper.invoke("?", runtime.config)).text, {
      name: "ask",
      schema: noArguments,
    });
    const summarize = createMiddleware({ name: "Sum", beforeAgent: async () => void (await helper.invoke("sum up")) });
    const model = strictModel(calls(["ask"]), says("x", tokens(1, 1)));
    const result = await run(
      langchainAgent({ name: "a", agent: createAgent({ model, tools: [ask], middleware: [summarize] }) }),
    );
    expect(result.usage).toMatchObject({ inputTokens: 1101, modelCalls: 4, toolCalls: 1 });
  });

  it("includes models that stream", async () => {
    const model = streamingModel(says("one two three", tokens(8, 4)));
    const agent = createAgent({ model, tools: [] });
    const chunks: string[] = [];
    const result = await run(
      langchainAgent({
        name: "a",
        agent,
        config: {
          callbacks: [
            { handleLLMNewToken: (token: string) => void chunks.push(token), lc_prefer_streaming: true } as never,
          ],
        },
      }),
    );
    expect(result.usage).toMatchObject({ inputTokens: 8, outputTokens: 4, modelCalls: 1 });
    expect(chunks.join("")).toBe("one two three");
  });

  it("includes completion models, which tell their tokens beside the text", async () => {
    class Completion extends LLM {
      override _llmType(): string {
        return "completion";
      }
      override async _call(): Promise<string> {
        return "done";
      }
      override async _generate(): Promise<LLMResult> {
        const tokenUsage = { promptTokens: 6, completionTokens: 2, totalTokens: 8 };
        return { generations: [[{ text: "done" }]], llmOutput: { tokenUsage } };
      }
    }
    const result = await run(langchainAgent({ name: "a", agent: new Completion({}) }));
    expect(result.usage).toEqual({ inputTokens: 6, outputTokens: 2, totalTokens: 8, modelCalls: 1, toolCalls: 0 });
  });

  it("tells no tokens when no model tells any", async () => {
    const result = await run(
      langchainAgent({ name: "a", agent: createAgent({ model: strictModel(says("x")), tools: [] }) }),
    );
    expect(result.usage).toEqual({ modelCalls: 1, toolCalls: 0 });
  });
});
