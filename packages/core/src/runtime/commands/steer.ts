import { HeadMovedError, InvalidTransitionError } from "../../errors/index.js";
import {
  type AllowedOperation,
  allowedOperations,
  type Decision,
  isFinal,
  stateAfter,
  type TaskState,
} from "../../protocol/index.js";
import {
  type AnyNewEntry,
  type BuiltHandoff,
  buildHandoff,
  type HandoffParts,
  handTo,
  storeBlobs,
} from "../build-handoff.js";
import { commit } from "../chain/commit.js";
import { readToHead } from "../chain/head.js";
import { headOf, type TaskChain } from "../chain/task-chain.js";
import type { RelayEnvironment } from "../environment.js";
import { auditAndSend, auditCommit, help } from "../help.js";
import { refuseBeyondLimits } from "../limits.js";
import { redactEach } from "../redaction.js";
import { type OpenIntent, underIntent } from "./intent.js";
import { findRequest, requestIdOf } from "./request-id.js";

interface Steering {
  /** The handoff hash of the head that the caller saw: nobody acts on what they have not read. */
  readonly head: string;
  /** Who does it, for the record. */
  readonly by?: string;
  /** The caller's own key for this request: repeating it is safe. Default: made of the operation, the head and the arguments. */
  readonly requestId?: string;
  readonly reason?: string;
}

export interface RetryRequest extends Steering {}

export interface ResumeRequest extends Steering {
  /** Any serializable value; the agent that waited finds it as `context.answer`. */
  readonly answer: unknown;
}

export interface CancelRequest {
  readonly reason?: string;
  readonly by?: string;
  readonly requestId?: string;
}

/**
 * Hands a failed task once more to the agent of the last handoff before the failure.
 * @throws HeadMovedError, InvalidTransitionError, TaskNotFoundError, TaskErasedError
 */
export async function retryTask(environment: RelayEnvironment, taskId: string, request: RetryRequest): Promise<void> {
  await steer(environment, taskId, "retry", request, [], (chain) => {
    const failed = chain.handoffs.findLast(({ record }) => record.decision.kind === "handoff");
    if (failed?.record.decision.kind !== "handoff")
      throw new InvalidTransitionError(`task ${taskId} has no handoff to retry`);
    return { decision: handTo(failed.record.decision.to, request.reason), step: failed.record.step };
  });
}

/**
 * Answers a waiting task: the agent that waited runs again, with the answer.
 * @throws HeadMovedError, InvalidTransitionError, NotSerializableError, TaskNotFoundError, TaskErasedError
 */
export async function resumeTask(environment: RelayEnvironment, taskId: string, request: ResumeRequest): Promise<void> {
  const answer = [{ kind: "answer", value: request.answer }] as const;
  await steer(environment, taskId, "resume", request, answer, (chain) => {
    const waited = headOf(chain).record.fromAgent;
    if (waited === null) throw new InvalidTransitionError(`task ${taskId} waits, but for no agent's question`);
    return { decision: handTo(waited, request.reason) };
  });
}

type Continuation = Pick<HandoffParts, "decision" | "step">;

async function steer(
  environment: RelayEnvironment,
  taskId: string,
  operation: Exclude<AllowedOperation, "cancel">,
  request: Steering,
  given: readonly AnyNewEntry[],
  continuation: (chain: TaskChain) => Continuation,
): Promise<void> {
  const chain = await readToHead(environment, taskId);
  const seen = chain.handoffs.findIndex(({ sha256 }) => sha256 === request.head);
  const about = { taskId, hop: seen === -1 ? chain.handoffs.length : seen + 1, agent: null };
  const entries = redactEach(environment, about, given);
  const requestId = requestIdOf(
    environment,
    { operation, head: request.head, arguments: [request.by ?? null, request.reason ?? null, entries] },
    request.requestId,
  );
  if (await alreadyDone(environment, chain, requestId)) return;
  const { record, sha256 } = headOf(chain);
  if (sha256 !== request.head) throw new HeadMovedError(taskId);
  if (!allowedOperations(record.decision).includes(operation)) {
    throw new InvalidTransitionError(
      `task ${taskId} is ${stateAfter(record.decision)}; only ${operation === "retry" ? "a failed task can be retried" : "a waiting task can be answered"}`,
    );
  }
  await underIntent(environment, { taskId, operation, requestId }, async (intent) => {
    const parts = { ...continuation(chain), entries, fromAgent: null, by: request.by, requestId };
    if (await commitOutside(environment, chain, parts, intent)) return;
    if (!(await alreadyDone(environment, await readToHead(environment, taskId), requestId)))
      throw new HeadMovedError(taskId);
  });
}

/**
 * Ends a task, whatever it is doing. Reads and tries again until it wins or finds that the task has ended.
 * @returns the final state: `canceled`, or `completed` when that came first
 */
export async function cancelTask(
  environment: RelayEnvironment,
  taskId: string,
  request: CancelRequest = {},
): Promise<Extract<TaskState, "canceled" | "completed">> {
  // Not made of the head: whichever head it follows, it is the same wish.
  const requestId = requestIdOf(
    environment,
    { operation: "cancel", head: null, arguments: [request.by ?? null, request.reason ?? null] },
    request.requestId,
  );
  return await underIntent(environment, { taskId, operation: "cancel", requestId }, async (intent) => {
    for (;;) {
      const chain = await readToHead(environment, taskId);
      const { decision, hop } = headOf(chain).record;
      if (isFinal(decision)) {
        await help(environment, chain, hop);
        return decision.kind === "cancel" ? "canceled" : "completed";
      }
      const cancel: Decision = { kind: "cancel", ...(request.reason === undefined ? {} : { reason: request.reason }) };
      const parts = { decision: cancel, fromAgent: null, by: request.by, requestId };
      if (await commitOutside(environment, chain, parts, intent)) return "canceled";
    }
  });
}

/** A slot that bears the request's id means that this call has succeeded before; what follows may still be missing. */
async function alreadyDone(environment: RelayEnvironment, chain: TaskChain, requestId: string): Promise<boolean> {
  const done = findRequest(chain, requestId);
  if (done !== undefined) await help(environment, chain, done);
  return done !== undefined;
}

/**
 * Whether this commit, made by no delivery, was the one that filled the slot.
 * @throws ContextTooLargeError, InvalidTransitionError when it goes beyond a limit; then nothing was stored
 */
export async function commitOutside(
  environment: RelayEnvironment,
  chain: TaskChain,
  parts: HandoffParts,
  intent?: OpenIntent,
): Promise<boolean> {
  const built = buildHandoff(environment, chain, parts);
  refuseBeyondLimits(environment, chain, built);
  return await commitBuilt(environment, chain, built, intent);
}

/** Whether what no run of this relay decided was the one that filled the slot; then it is told and sent, too. */
export async function commitBuilt(
  environment: RelayEnvironment,
  chain: TaskChain,
  built: BuiltHandoff,
  intent?: OpenIntent,
): Promise<boolean> {
  await storeBlobs(environment, chain.taskId, built.blobs);
  await intent?.renewIfOld();
  const outcome = await commit(environment, chain, built.handoff);
  if (outcome.status !== "committed") return false;
  // Whoever committed the hop before may not have been able to tell of it, and its message may be dead by now.
  const before = chain.handoffs.at(-1);
  if (before !== undefined) await auditCommit(environment, before);
  await auditAndSend(environment, headOf(outcome.chain));
  return true;
}
