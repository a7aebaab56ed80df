import type { AuditEvent } from "../../ports/index.js";
import { stateAfter, type TaskState } from "../../protocol/index.js";
import { readToHead } from "../chain/head.js";
import { headOf, type TaskChain } from "../chain/task-chain.js";
import { collect } from "../collect.js";
import {
  type CancelRequest,
  cancelTask,
  type ResumeRequest,
  type RetryRequest,
  resumeTask,
  retryTask,
} from "../commands/steer.js";
import type { Context } from "../context/context.js";
import { createContext } from "../context/create-context.js";
import type { RelayEnvironment } from "../environment.js";
import { help } from "../help.js";
import { type EraseRequest, eraseTask } from "./erase.js";
import { type ExportReport, exportTask } from "./export.js";
import { type HopEvent, orErased, resultOf, type TaskResult } from "./result.js";
import { type Verification, verifyTask } from "./verify.js";
import { nextChain, type WatchOptions, watchTask } from "./watch.js";

/** Where a task is now. */
export interface TaskHead {
  readonly taskId: string;
  readonly hop: number;
  /** The head's hash: what `retry` and `resume` take. */
  readonly head: string;
  readonly state: TaskState;
  /** Whose turn it is, who waits, or who failed. */
  readonly agent: string | null;
}

/** A handle on one task. It holds nothing: every call reads the store, where the truth is. */
export interface Task {
  readonly id: string;
  /** @throws TaskNotFoundError, TaskErasedError, ContextIntegrityError */
  head(): Promise<TaskHead>;
  /**
   * Waits until the task rests: completed, failed, canceled, waiting for an answer, or erased. Never rejects for what
   * the task itself met.
   * @throws TaskNotFoundError; ContextIntegrityError while the task is damaged; the signal's reason once it is aborted
   */
  result(options?: { readonly signal?: AbortSignal }): Promise<TaskResult>;
  /** The task's hops, past and to come, each once, until its final one. */
  watch(options?: WatchOptions): AsyncGenerator<HopEvent, void, undefined>;
  /** All that the task's hops learned, up to its head. */
  context(): Promise<Context>;
  /** What the audit log tells, in the order of time. */
  audit(): Promise<readonly AuditEvent[]>;
  /** Checks every stored byte of the task, past every cache. */
  verify(): Promise<Verification>;
  retry(request: RetryRequest): Promise<void>;
  resume(request: ResumeRequest): Promise<void>;
  cancel(request?: CancelRequest): Promise<"canceled" | "completed">;
  /** Takes the task's content away for good. */
  erase(request?: EraseRequest): Promise<void>;
  /** Writes the task's stored objects as files. */
  export(directory: string): Promise<ExportReport>;
}

export function createTask(environment: RelayEnvironment, taskId: string): Task {
  const read = async (signal?: AbortSignal): Promise<TaskChain> =>
    await readToHead(environment, taskId, signal === undefined ? {} : { signal });
  /** What is reported must survive a power cut. */
  const durably = async <Found>(find: () => Promise<Found>): Promise<Found> => {
    const found = await find();
    await environment.backend.flush?.();
    return found;
  };

  return {
    id: taskId,
    async head() {
      const chain = await durably(() => read());
      const { record, sha256 } = headOf(chain);
      const agent = record.decision.kind === "handoff" ? record.decision.to : record.fromAgent;
      return { taskId, hop: record.hop, head: sha256, state: stateAfter(record.decision), agent };
    },
    result: ({ signal } = {}) =>
      durably(() =>
        orErased(taskId, async () => {
          for (let chain = await read(signal); ; chain = await nextChain(environment, chain, signal)) {
            const result = await resultOf(environment, chain);
            if (result === undefined) continue;
            // What is reported must be in the audit, whoever committed it.
            await help(environment, chain, headOf(chain).record.hop);
            return result;
          }
        }),
      ),
    watch: (options) => watchTask(environment, taskId, options),
    context: async () => await createContext(environment, await durably(() => read())),
    audit: async () =>
      inOrderOfTime(await durably(() => collect(environment.backend.audit.events(environment.relayId, taskId)))),
    verify: () => durably(() => verifyTask(environment, taskId)),
    retry: (request) => retryTask(environment, taskId, request),
    resume: (request) => resumeTask(environment, taskId, request),
    cancel: (request) => cancelTask(environment, taskId, request),
    erase: (request) => eraseTask(environment, taskId, request),
    export: (directory) => durably(() => exportTask(environment, taskId, directory)),
  };
}

/**
 * Clocks of several machines differ: between hops the hop decides, within one its commit comes first. An attempt's start
 * comes before its end, also within one millisecond.
 */
function inOrderOfTime(events: readonly AuditEvent[]): AuditEvent[] {
  const attempt = ({ detail }: AuditEvent) => (typeof detail.attempt === "string" ? detail.attempt : "");
  return events.toSorted(
    (a, b) =>
      a.hop - b.hop ||
      order(a.kind !== "committed", b.kind !== "committed") ||
      order(a.at, b.at) ||
      order(attempt(a), attempt(b)) ||
      order(a.kind !== "attempt_started", b.kind !== "attempt_started") ||
      order(a.id, b.id),
  );
}

function order<T extends string | boolean>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
