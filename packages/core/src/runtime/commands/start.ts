import { canonicalValue, MAX_VALUE_BYTES } from "../../codec/index.js";
import { IdempotencyConflictError, UnknownAgentError } from "../../errors/index.js";
import { parseTaskId, type StartOptions, sha256 } from "../../protocol/index.js";
import type { NewArtifact } from "../agent/entries.js";
import { type AnyNewEntry, buildHandoff, canonicalHash, storeBlobs } from "../build-handoff.js";
import { commit } from "../chain/commit.js";
import { readToHead, readTwiceBeforeDamage } from "../chain/head.js";
import { emptyChain, headOf, type TaskChain } from "../chain/task-chain.js";
import type { RelayEnvironment } from "../environment.js";
import { auditAndSend, help } from "../help.js";
import { underIntent } from "./intent.js";

export interface StartRequest<To extends string = string> {
  /** The agent that works first. */
  readonly to: To;
  /** What the task is about: any serializable value. */
  readonly input?: unknown;
  /** Default: a random id. Starting the same id with the same input again is safe and changes nothing. */
  readonly taskId?: string;
  /** Files that the agents get from the context. */
  readonly artifacts?: readonly Omit<NewArtifact, "kind">[];
  /** The caller's own data about the task. */
  readonly metadata?: unknown;
  /** How long the task may be running in all, in milliseconds; time parked does not count. Default: no limit. */
  readonly deadlineMs?: number;
  /** Why: the sentence that the first agent reads. */
  readonly reason?: string;
}

/**
 * Commits the caller's request to slot 0 of a task, and sends it. Once this resolves, the task cannot be lost.
 * @throws UnknownAgentError, InvalidIdError, NotSerializableError, IdempotencyConflictError
 */
export async function startTask(environment: RelayEnvironment, request: StartRequest): Promise<string> {
  if (!environment.agents.has(request.to))
    throw new UnknownAgentError(
      `this relay has no agent "${request.to}"; its agents are ${[...environment.agents.keys()].join(", ")}`,
    );
  const taskId =
    request.taskId === undefined ? environment.random.id().replace(/^[^A-Za-z0-9]/, "t") : parseTaskId(request.taskId);
  const options: StartOptions = {
    ...(request.deadlineMs === undefined ? {} : { deadlineMs: request.deadlineMs }),
    ...(request.metadata === undefined ? {} : { metadata: environment.codec.encode(request.metadata) }),
  };
  const inputSha256 = hashOfInput(environment, request);
  const requestId = canonicalHash({ operation: "start", head: null, arguments: inputSha256 });
  const decision = {
    kind: "handoff",
    to: request.to,
    ...(request.reason === undefined ? {} : { reason: request.reason }),
  } as const;
  const entries: AnyNewEntry[] = [
    ...(request.input === undefined ? [] : [{ kind: "input", value: request.input } as const]),
    ...(request.artifacts ?? []).map((each) => ({ kind: "artifact", ...each }) as const),
  ];
  const built = buildHandoff(environment, emptyChain(environment.relayId, taskId), {
    decision,
    entries,
    fromAgent: null,
    requestId,
    inputSha256,
    options,
  });

  await underIntent(environment, { taskId, operation: "start", requestId }, async (intent) => {
    await storeBlobs(environment, taskId, built.blobs);
    await intent.renewIfOld();
    const outcome = await commit(environment, emptyChain(environment.relayId, taskId), built.handoff);
    if (outcome.status === "committed") return await auditAndSend(environment, headOf(outcome.chain));
    if (outcome.by.record.inputSha256 !== inputSha256) throw new IdempotencyConflictError(taskId);
    const chain = await readTwiceBeforeDamage(environment, taskId, (reading) =>
      readToHead(environment, taskId, reading),
    );
    await help(environment, chain, 0);
  });
  return taskId;
}

/** What makes two starts the same: sha256 of the canonical { to, input, options, artifacts }, artifacts being named by their hashes. */
function hashOfInput(environment: RelayEnvironment, request: StartRequest): string {
  const artifacts = (request.artifacts ?? []).map(({ name, data, mediaType }) => ({
    name,
    media_type: mediaType ?? null,
    sha256: sha256(data),
  }));
  const options = {
    ...(request.deadlineMs !== undefined && { deadline_ms: request.deadlineMs }),
    ...(request.metadata !== undefined && { metadata: request.metadata }),
  };
  const what = {
    to: request.to,
    ...(request.input !== undefined && { input: request.input }),
    options,
    ...(artifacts.length > 0 && { artifacts }),
  };
  return sha256(canonicalValue(environment.codec, what, { maxBytes: MAX_VALUE_BYTES }));
}

/** Whether some slot of a chain bears a request's id: then that request has already succeeded. */
export function findRequest(chain: TaskChain, requestId: string): number | undefined {
  const found = chain.handoffs.findIndex(({ record }) => record.requestId === requestId);
  return found === -1 ? undefined : found;
}
