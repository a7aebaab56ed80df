import { hasCode } from "../../errors/index.js";
import type { ErrorSummary, HandoffRecord } from "../../protocol/index.js";
import { headOf, type TaskChain } from "../chain/task-chain.js";
import { createContext } from "../context/create-context.js";
import type { RelayEnvironment } from "../environment.js";

interface Ending {
  readonly taskId: string;
  /** The head's hop. */
  readonly hop: number;
  /** The head's hash: what `retry` and `resume` take. */
  readonly head: string;
  readonly reason: string | undefined;
}

/** Where a task has come to rest. */
export type TaskResult =
  | (Ending & { readonly status: "completed"; readonly output: unknown; readonly agent: string | null })
  | (Ending & {
      readonly status: "failed";
      readonly reason: string;
      readonly error: ErrorSummary | undefined;
      readonly agent: string | null;
    })
  | (Ending & { readonly status: "canceled"; readonly by: string | undefined })
  | (Ending & { readonly status: "waiting"; readonly agent: string | null; readonly question: unknown })
  | { readonly taskId: string; readonly status: "erased" };

/** The result that a chain amounts to; `undefined` while the task is running. */
export async function resultOf(environment: RelayEnvironment, chain: TaskChain): Promise<TaskResult | undefined> {
  const head = headOf(chain);
  const { decision, fromAgent, hop, by } = head.record;
  const ending: Ending = { taskId: chain.taskId, hop, head: head.sha256, reason: decision.reason };
  switch (decision.kind) {
    case "handoff":
      return undefined;
    case "complete":
      return { ...ending, status: "completed", agent: fromAgent, output: await outputOf(environment, chain) };
    case "fail":
      return { ...ending, status: "failed", agent: fromAgent, reason: decision.reason, error: decision.error };
    case "cancel":
      return { ...ending, status: "canceled", by };
    case "wait": {
      const { question } = decision.on;
      return {
        ...ending,
        status: "waiting",
        agent: fromAgent,
        question: question === undefined ? undefined : environment.codec.decode(question),
      };
    }
  }
}

async function outputOf(environment: RelayEnvironment, chain: TaskChain): Promise<unknown> {
  const head = headOf(chain);
  // Only the last hop's values are needed, so only its large values are read.
  const context = await createContext(environment, { ...chain, handoffs: [head] });
  return context.entries.findLast((entry) => entry.kind === "output")?.value;
}

/** Reads as erased what a tombstone stands for. */
export async function orErased<T>(
  taskId: string,
  read: () => Promise<T>,
): Promise<T | { taskId: string; status: "erased" }> {
  try {
    return await read();
  } catch (error) {
    if (hasCode(error, "TASK_ERASED")) return { taskId, status: "erased" };
    throw error;
  }
}

/** What one hop did, for those who watch. */
export interface HopEvent {
  /** Give it to `watch({ after })` to go on from here. */
  readonly cursor: string;
  readonly taskId: string;
  readonly hop: number;
  readonly sha256: string;
  /** Null for what came from outside. */
  readonly from: string | null;
  readonly decision: HandoffRecord["decision"]["kind"];
  readonly to: string | undefined;
  readonly reason: string | undefined;
  /** RFC 3339, UTC, milliseconds. */
  readonly at: string;
  readonly usage: HandoffRecord["usage"];
}

export function hopEvents(chain: TaskChain, fromHop: number): HopEvent[] {
  return chain.handoffs.slice(fromHop).map(({ record, sha256 }) => ({
    cursor: String(record.hop),
    taskId: record.taskId,
    hop: record.hop,
    sha256,
    from: record.fromAgent,
    decision: record.decision.kind,
    to: record.decision.kind === "handoff" ? record.decision.to : undefined,
    reason: record.decision.reason,
    at: record.createdAt,
    usage: record.usage,
  }));
}
