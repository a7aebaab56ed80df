import { type HandoffError, UnknownAgentError } from "../../errors/index.js";
import type { Decision, Usage } from "../../protocol/index.js";
import type { Agent } from "../agent/agent.js";
import type { TurnResult } from "../agent/turn.js";
import { type BuiltHandoff, buildHandoff, type HandoffParts } from "../build-handoff.js";
import { nextHop } from "../chain/commit.js";
import type { TaskChain } from "../chain/task-chain.js";
import type { RelayEnvironment } from "../environment.js";
import { beyondLimits } from "../limits.js";
import { redactEach, redactText, redactValue, summarizeError } from "../redaction.js";

/** Output that could not be handed on is kept beside the chain up to this size. */
const MAX_UNSENT_BYTES = 64 * 1024 * 1024;

/** How a commit is found again, and what it came from. */
type Provenance = Pick<HandoffParts, "attempt" | "requestId" | "origin">;

export type CommitAuthor = Pick<HandoffParts, "fromAgent" | "agentVersion"> & Provenance;

/**
 * Turns a run's result into the handoff to commit. What follows is checked first: where it cannot be done, the handoff
 * fails the task with that reason instead, without entries, and keeps the output as a blob where that fits.
 */
export function prepareCommit(
  environment: RelayEnvironment,
  chain: TaskChain,
  agent: Agent,
  provenance: Provenance,
  result: TurnResult,
): BuiltHandoff {
  const author: CommitAuthor = { fromAgent: agent.name, agentVersion: agent.version, ...provenance };
  const usage = usageOrNone(result.usage);
  const noRoute = noSuchRoute(environment, agent, result.decision);
  let built: BuiltHandoff;
  try {
    const parts = redactResult(environment, chain, agent, result);
    // Where the route is wrong, this is what is kept for people.
    const decision = noRoute === undefined ? parts.decision : ({ kind: "fail", reason: noRoute.message } as const);
    built = buildHandoff(environment, chain, { ...author, ...parts, decision });
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return buildFailure(environment, chain, author, {
      reason: `what ${agent.name} returned cannot be kept: ${what}`,
      error,
      usage,
    });
  }
  const obstacle = noRoute ?? beyondLimits(environment, chain, built);
  if (obstacle === undefined) return built;
  const unsent = [built.handoff.raw, ...built.blobs.values()];
  const fits = unsent.reduce((sum, bytes) => sum + bytes.length, 0) <= MAX_UNSENT_BYTES;
  return buildFailure(environment, chain, author, { reason: obstacle.message, unsent: fits ? unsent : [], usage });
}

/** A handoff that fails the task. Exempt from every limit: it must always be possible. */
export function buildFailure(
  environment: RelayEnvironment,
  chain: TaskChain,
  author: CommitAuthor,
  failure: {
    readonly reason: string;
    readonly error?: unknown;
    readonly unsent?: readonly Uint8Array[];
    readonly usage?: Usage | undefined;
  },
): BuiltHandoff {
  const { reason, error, ...rest } = failure;
  const decision: Decision = {
    kind: "fail",
    reason: redactText(reason),
    ...(error === undefined ? {} : { error: summarizeError(error) }),
  };
  return buildHandoff(environment, chain, { ...author, ...rest, decision });
}

function redactResult(
  environment: RelayEnvironment,
  chain: TaskChain,
  agent: Agent,
  { decision, entries, usage }: TurnResult,
): Pick<HandoffParts, "decision" | "question" | "entries" | "usage"> {
  const about = { taskId: chain.taskId, hop: nextHop(chain).hop, agent: agent.name };
  const learned = { entries: redactEach(environment, about, entries), usage };
  if (decision.kind === "fail") {
    const { error, ...rest } = decision;
    return { ...learned, decision: error === undefined ? rest : { ...rest, error: summarizeError(error) } };
  }
  if (decision.kind !== "wait") return { ...learned, decision };
  const { question, ...rest } = decision;
  return {
    ...learned,
    decision: { ...rest, on: { kind: "answer" } },
    question: redactValue(environment, about, "question", question),
  };
}

/** A usage that cannot be kept must not keep a failure from being told. */
function usageOrNone(usage: Usage | undefined): Usage | undefined {
  const counts = Object.values(usage ?? {});
  return counts.every((count) => count === undefined || (Number.isSafeInteger(count) && count >= 0))
    ? usage
    : undefined;
}

function noSuchRoute(
  { agents }: RelayEnvironment,
  agent: Agent,
  decision: TurnResult["decision"],
): HandoffError | undefined {
  if (decision.kind !== "handoff") return undefined;
  if (!agents.has(decision.to))
    return new UnknownAgentError(`${agent.name} handed to "${decision.to}", which is not an agent of this relay`);
  if (!agent.handsTo.includes(decision.to))
    return new UnknownAgentError(`${agent.name} handed to "${decision.to}", which its handsTo does not name`);
  return undefined;
}
