import { canonicalValue, MAX_VALUE_BYTES } from "../../codec/index.js";
import { IdempotencyConflictError, UnknownAgentError } from "../../errors/index.js";
import { parseTaskId, sha256 } from "../../protocol/index.js";
import type { NewArtifact } from "../agent/entries.js";
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
import { emptyChain, headOf } from "../chain/task-chain.js";
import type { RelayEnvironment } from "../environment.js";
import { auditAndSend, help } from "../help.js";
import { refuseBeyondLimits } from "../limits.js";
import { redactEach, redactValue } from "../redaction.js";
import { underIntent } from "./intent.js";
import { requestIdOf } from "./request-id.js";

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
 * @throws UnknownAgentError, InvalidIdError, NotSerializableError, ContextTooLargeError, IdempotencyConflictError
 */
export async function startTask(environment: RelayEnvironment, request: StartRequest): Promise<string> {
  if (!environment.agents.has(request.to))
    throw new UnknownAgentError(
      `this relay has no agent "${request.to}"; its agents are ${[...environment.agents.keys()].join(", ")}`,
    );
  const taskId =
    request.taskId === undefined ? environment.random.id().replace(/^[^A-Za-z0-9]/, "t") : parseTaskId(request.taskId);
  const { built, inputSha256, requestId } = buildStart(environment, taskId, request);

  await underIntent(environment, { taskId, operation: "start", requestId }, async (intent) => {
    await storeBlobs(environment, taskId, built.blobs);
    await intent.renewIfOld();
    const outcome = await commit(environment, emptyChain(environment.relayId, taskId), built.handoff);
    if (outcome.status === "committed") return await auditAndSend(environment, headOf(outcome.chain));
    if (outcome.by.record.inputSha256 !== inputSha256) throw new IdempotencyConflictError(taskId);
    await help(environment, await readToHead(environment, taskId), 0);
  });
  return taskId;
}

/**
 * The handoff of hop 0. What is given beside the request is left to who starts: by default it is found again by its input.
 * @throws NotSerializableError, ContextTooLargeError
 */
export function buildStart(
  environment: RelayEnvironment,
  taskId: string,
  request: Omit<StartRequest, "taskId">,
  beside: Pick<HandoffParts, "requestId" | "origin" | "by"> = {},
): { readonly built: BuiltHandoff; readonly inputSha256: string; readonly requestId: string } {
  const about = { taskId, hop: 0, agent: null };
  const entries = redactEach<AnyNewEntry>(environment, about, [
    ...(request.input === undefined ? [] : [{ kind: "input", value: request.input } as const]),
    ...(request.artifacts ?? []).map((each) => ({ kind: "artifact", ...each }) as const),
  ]);
  const metadata = redactValue(environment, about, "metadata", request.metadata);
  const options = request.deadlineMs === undefined ? {} : { deadlineMs: request.deadlineMs };
  const inputSha256 = hashOfInput(environment, { to: request.to, ...options, metadata, entries });
  const requestId =
    beside.requestId ?? requestIdOf(environment, { operation: "start", head: null, arguments: inputSha256 });
  const built = buildHandoff(environment, emptyChain(environment.relayId, taskId), {
    decision: handTo(request.to, request.reason),
    entries,
    fromAgent: null,
    ...beside,
    requestId,
    inputSha256,
    options,
    metadata,
  });
  refuseBeyondLimits(environment, emptyChain(environment.relayId, taskId), built);
  return { built, inputSha256, requestId };
}

/**
 * What makes two starts the same: sha256 of the canonical { to, input, options, artifacts }, artifacts being named by
 * their hashes. Made of what is kept, so that it tells nothing of what was redacted.
 */
function hashOfInput(
  environment: RelayEnvironment,
  kept: {
    readonly to: string;
    readonly deadlineMs?: number;
    readonly metadata: unknown;
    readonly entries: readonly AnyNewEntry[];
  },
): string {
  const input = kept.entries.find((entry) => entry.kind === "input");
  const artifacts = kept.entries
    .filter((entry) => entry.kind === "artifact")
    .map(({ name, data, mediaType }) => ({ name, media_type: mediaType ?? null, sha256: sha256(data) }));
  const what = {
    to: kept.to,
    ...(input !== undefined && { input: input.value }),
    options: {
      ...(kept.deadlineMs !== undefined && { deadline_ms: kept.deadlineMs }),
      ...(kept.metadata !== undefined && { metadata: kept.metadata }),
    },
    ...(artifacts.length > 0 && { artifacts }),
  };
  return sha256(canonicalValue(environment.codec, what, { maxBytes: MAX_VALUE_BYTES }));
}
