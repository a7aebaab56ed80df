import type { Context, RelayObserver } from "@agenthandoff/core";
import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { AgentName } from "../agents/typed-package-relay.js";

/** What an agent was given when it began: plain data, since workers report it from other processes. */
export interface Received {
  readonly kind: "received";
  readonly taskId: string;
  readonly agent: AgentName;
  /** The hop that handed over. */
  readonly hop: number;
  /** Null for the caller. */
  readonly from: string | null;
  readonly reason: string | undefined;
  /** How many entries of each kind, over all hops up to this one. */
  readonly entries: Readonly<Record<string, number>>;
  /** How many of them the last hop added. */
  readonly added: number;
}

export type Progress =
  | Received
  | Handing
  | Committed
  | { readonly kind: "tool-started"; readonly taskId: string; readonly agent: AgentName; readonly tool: string }
  | {
      readonly kind: "tool-ended";
      readonly taskId: string;
      readonly agent: AgentName;
      readonly tool: string;
      readonly ms: number;
      readonly failed: boolean;
    };

/** An agent has called a tool that hands the task on: once its turn has ended, that is committed. */
export interface Handing {
  readonly kind: "handing";
  readonly taskId: string;
  readonly agent: AgentName;
  readonly to: string;
}

/** What an agent did is committed: it cannot be lost or done again. */
export interface Committed {
  readonly kind: "committed";
  readonly taskId: string;
  readonly agent: string | null;
  readonly hop: number;
  readonly decision: string;
}

export type Report = (progress: Progress) => void;

export function receivedBy(agent: AgentName, context: Context): Received {
  const entries: Record<string, number> = {};
  for (const { kind } of context.entries) entries[kind] = (entries[kind] ?? 0) + 1;
  const { taskId, hop, from, reason } = context;
  const added = context.entries.filter((entry) => entry.hop === hop).length;
  return { kind: "received", taskId, agent, hop, from, reason, entries, added };
}

const HANDOFF_PREFIX = "transfer_to_";

/** Reports what the relay of this process commits. */
export function commitReporter(report: Report): RelayObserver {
  return (event) => {
    if (event.kind !== "committed") return;
    const { taskId, agent, hop, decision } = event;
    report({ kind: "committed", taskId, agent, hop, decision });
  };
}

/** Called when a tool of an agent has ended; what it returns is waited for. */
export type AfterTool = (agent: AgentName, tool: string) => Promise<void> | void;

/** Reports the tools of one run as they start and end. */
export function toolReporter(
  agent: AgentName,
  taskId: string,
  report: Report,
  afterTool?: AfterTool,
): BaseCallbackHandler {
  const running = new Map<string, { tool: string; since: number }>();
  const end = (runId: string, failed: boolean): string | undefined => {
    const started = running.get(runId);
    if (!started) return undefined;
    running.delete(runId);
    report({ kind: "tool-ended", taskId, agent, tool: started.tool, ms: performance.now() - started.since, failed });
    return started.tool;
  };
  const handler = BaseCallbackHandler.fromMethods({
    handleToolStart(_tool, _input, runId, _parent, _tags, _metadata, runName) {
      const tool = runName ?? "a tool";
      if (tool.startsWith(HANDOFF_PREFIX)) {
        report({ kind: "handing", taskId, agent, to: tool.slice(HANDOFF_PREFIX.length) });
        return;
      }
      running.set(runId, { tool, since: performance.now() });
      report({ kind: "tool-started", taskId, agent, tool });
    },
    async handleToolEnd(_output, runId) {
      const tool = end(runId, false);
      if (tool !== undefined) await afterTool?.(agent, tool);
    },
    handleToolError(_error, runId) {
      end(runId, true);
    },
  });
  handler.awaitHandlers = true;
  return handler;
}
