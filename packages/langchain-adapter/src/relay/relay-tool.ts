import type { Relay, StartRequest, TaskResult } from "@agenthandoff/core";
import { dispatchCustomEvent } from "@langchain/core/callbacks/dispatch/web";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { DynamicStructuredTool } from "@langchain/core/tools";
import { tool } from "langchain";
import type { ZodObject, z } from "zod";
import { findRun } from "../agent/run.js";
import { idempotencyKey } from "../memory.js";
import { textOf } from "../view/text.js";
import { HOP_EVENT, type RelayCallOptions, work } from "./work.js";

export interface RelayToolOptions<Name extends string, Schema extends ZodObject> extends RelayCallOptions<Name> {
  readonly name: string;
  readonly description: string;
  readonly schema: Schema;
  /** What the task is started with. Default: the tool's arguments. */
  readonly input?: (args: z.output<Schema>) => unknown;
  /**
   * The task's id. The same id and input continue the same task. Default: within an agent of another relay, one
   * that a repeated attempt finds again; elsewhere a random one.
   */
  readonly taskId?: (args: z.output<Schema>, config: RunnableConfig) => string;
}

/**
 * A relay as a tool of an agent. The model gets the output of the task as text; the whole result is the artifact of
 * the tool message. A task that fails is an error of the tool; one that waits for a person says so.
 */
export function relayTool<Name extends string, Schema extends ZodObject>(
  relay: Relay<Name>,
  options: RelayToolOptions<NoInfer<Name>, Schema>,
): DynamicStructuredTool<Schema> {
  const { name, description, schema } = options;
  const call = async (given: unknown, config: ToolConfig) => {
    const args = given as z.output<Schema>;
    const taskId = options.taskId === undefined ? repeatableId(config) : options.taskId(args, config);
    const input = options.input === undefined ? args : options.input(args);
    const request: StartRequest = { to: options.to, input, ...(taskId === undefined ? {} : { taskId }) };
    const hops = work({ relay: relay as unknown as Relay, request, work: options.work ?? true, signal: config.signal });
    for (let next = await hops.next(); ; next = await hops.next()) {
      if (next.done === true) return [sayResult(name, next.value), next.value];
      await dispatchCustomEvent(HOP_EVENT, next.value, config);
      config.writer?.(next.value);
    }
  };
  return tool(call as never, { name, description, schema, responseFormat: "content_and_artifact" }) as never;
}

interface ToolConfig extends RunnableConfig {
  /** Reaches who streams the outer graph in mode "custom". */
  readonly writer?: (chunk: unknown) => void;
}

/** An attempt of the outer run that is repeated must find its task, not start another. */
function repeatableId(config: ToolConfig): string | undefined {
  return findRun(config) === undefined ? undefined : idempotencyKey(config);
}

/** @throws Error when the task did not complete and will not by itself */
function sayResult(name: string, result: TaskResult): string {
  const about = `task ${result.taskId} of ${name}`;
  switch (result.status) {
    case "completed":
      return textOf(result.output) ?? "";
    case "waiting":
      return `The ${about} waits for a person's answer to: ${textOf(result.question)}`;
    case "failed":
      throw new Error(`the ${about} failed: ${result.reason}`);
    case "canceled":
      throw new Error(`the ${about} was canceled${result.reason === undefined ? "" : `: ${result.reason}`}`);
    case "erased":
      throw new Error(`the ${about} was erased`);
  }
}
