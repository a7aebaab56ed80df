import { createHash } from "node:crypto";
import { InvalidOptionsError } from "@agenthandoff/core";
import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { tool } from "langchain";
import { z } from "zod";
import { type Run, requireRun } from "./run.js";

/** Providers accept `^[a-zA-Z0-9_-]{1,64}$`. */
const MAX_TOOL_NAME = 64;
const PREFIX = "transfer_to_";

/** The tool that hands to an agent, by the name that other LangChain packages use too. */
export function handoffToolName(to: string): string {
  const name = `${PREFIX}${to}`;
  if (name.length <= MAX_TOOL_NAME) return name;
  const hash = createHash("sha256").update(to).digest("hex").slice(0, 8);
  return `${name.slice(0, MAX_TOOL_NAME - hash.length - 1)}_${hash}`;
}

export interface HandoffTool {
  readonly to: string;
  readonly name: string;
  readonly tool: StructuredToolInterface;
  /** Takes a call that no tool node will run. Returns what the model is told. */
  take(run: Run, args: unknown): string;
}

/** @throws InvalidOptionsError when the schema cannot be a tool's */
export function handoffTool(to: string, extra: z.ZodObject | undefined): HandoffTool {
  const name = handoffToolName(to);
  const schema = argumentsSchema(to, extra);
  const accept = (run: Run, { reason, ...rest }: { reason: string }): string => {
    if (run.choice !== undefined) return ignored(run.choice.to);
    run.memory.handoff(to, extra === undefined ? { reason } : { reason, output: rest });
    return `The task goes to "${to}" at the end of this turn.`;
  };
  return {
    to,
    name,
    tool: tool(
      (args, runtime) => {
        const run = requireRun(runtime, name);
        const first = firstHandoffCall(run, runtime);
        if (first !== undefined && first.id !== (runtime as ToolState).toolCallId)
          return `Ignored: ${first.name} was called first.`;
        return accept(run, args as { reason: string });
      },
      {
        name,
        description: [`Hand the whole task over to the agent "${to}" and end your turn.`, extra?.description]
          .filter(Boolean)
          .join(" "),
        schema,
        // Other packages, and tools that draw graphs, find hand-offs by this.
        metadata: { __handoff_destination: to },
      },
    ),
    take(run, args) {
      const parsed = schema.safeParse(args);
      return parsed.success
        ? accept(run, parsed.data as { reason: string })
        : `Error: ${z.prettifyError(parsed.error)}`;
    },
  };
}

function argumentsSchema(to: string, extra: z.ZodObject | undefined): z.ZodObject {
  const reason = z.string().min(1).describe("Why, and what is to be done next: one or two sentences.");
  if (extra === undefined) return z.object({ reason });
  if (!(extra instanceof z.ZodObject)) {
    throw new InvalidOptionsError(`handoffSchema.${to} must be a z.object: its fields become arguments of a tool`);
  }
  if ("reason" in extra.shape) {
    throw new InvalidOptionsError(`handoffSchema.${to} has a field "reason", which every hand-off has; rename it`);
  }
  return extra.safeExtend({ reason });
}

const ignored = (to: string): string => `Ignored: the task already goes to "${to}".`;

interface ToolState {
  readonly state?: { readonly messages?: readonly BaseMessage[] };
  readonly toolCallId?: string;
}

/** Of several hand-offs in one message the first decides, however their tools happen to run. */
function firstHandoffCall(run: Run, runtime: unknown): { readonly id?: string; readonly name: string } | undefined {
  const { state, toolCallId } = runtime as ToolState;
  const isCaller = (message: BaseMessage): message is AIMessage =>
    AIMessage.isInstance(message) && (message.tool_calls ?? []).some(({ id }) => id === toolCallId);
  const names = new Set(run.handsTo.map(handoffToolName));
  return state?.messages?.findLast(isCaller)?.tool_calls?.find(({ name }) => names.has(name));
}
