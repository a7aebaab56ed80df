import { InvalidOptionsError } from "@agenthandoff/core";
import { requireRun } from "./agent/run.js";
import type { AgentMemory } from "./types.js";

/**
 * The run that a tool, graph node, lambda or middleware hook is part of.
 * @param configOrRuntime the config or runtime that LangChain passes to it as its last argument
 * @throws InvalidOptionsError outside of an agent made by `langchainAgent`
 */
export function handoffFrom<To extends string = string>(configOrRuntime: unknown): AgentMemory<To> {
  return requireRun(configOrRuntime, "handoffFrom").memory;
}

interface ToolCallRuntime {
  readonly toolCall?: { readonly id?: string; readonly name: string; readonly args: unknown };
}

/**
 * A key for the external call that a tool makes: equal in every attempt that makes the same tool call, so that the
 * service can tell a repetition. Equal, too, however often one tool call asks for it.
 * @param runtime the second argument of the tool
 * @throws InvalidOptionsError outside of a tool call in an agent made by `langchainAgent`
 * @throws NotSerializableError when the arguments cannot be written as canonical JSON
 */
export function idempotencyKey(runtime: unknown): string {
  const run = requireRun(runtime, "idempotencyKey");
  const { toolCall } = runtime as ToolCallRuntime;
  if (toolCall === undefined) {
    throw new InvalidOptionsError("idempotencyKey found no tool call; pass on the second argument of the tool");
  }
  const known = toolCall.id === undefined ? undefined : run.keys.get(toolCall.id);
  if (known !== undefined) return known;
  const key = run.turn.idempotencyKey(toolCall.name, toolCall.args);
  if (toolCall.id !== undefined) run.keys.set(toolCall.id, key);
  return key;
}
