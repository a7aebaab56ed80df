import { HandoffError } from "../../errors/index.js";
import type { Decision } from "../../protocol/index.js";
import { serializeEnvelope } from "../../protocol/index.js";
import type { Agent } from "../agent/agent.js";
import type { TurnDecision, TurnResult } from "../agent/turn.js";
import { committedEvent } from "../audit/events.js";
import { type BuiltHandoff, buildHandoff, type HandoffParts } from "../build-handoff.js";
import type { TaskChain } from "../chain/task-chain.js";
import type { RelayEnvironment } from "../environment.js";
import { redactText, summarizeError } from "../redaction.js";
import { envelopeFor } from "../send.js";

/** Output that could not be handed on is kept beside the chain up to this size. */
const MAX_UNSENT_BYTES = 64 * 1024 * 1024;

export type CommitAuthor = Pick<HandoffParts, "fromAgent" | "agentVersion" | "attempt">;

/**
 * Turns a run's result into the handoff to commit. What follows is checked first: where it cannot be done, the handoff
 * fails the task with that reason instead, without entries, and keeps the output as a blob where that fits.
 */
export function prepareCommit(
  environment: RelayEnvironment,
  chain: TaskChain,
  agent: Agent,
  attempt: string,
  result: TurnResult,
): BuiltHandoff {
  const author: CommitAuthor = { fromAgent: agent.name, agentVersion: agent.version, attempt };
  let built: BuiltHandoff;
  try {
    const decision = encodeDecision(environment, result.decision);
    built = buildHandoff(environment, chain, { ...author, decision, entries: result.entries, usage: result.usage });
  } catch (error) {
    if (!HandoffError.isInstance(error)) throw error;
    return buildFailure(environment, chain, author, {
      reason: `what ${agent.name} returned cannot be kept: ${error.message}`,
      error,
      usage: result.usage,
    });
  }
  const obstacle = findObstacle(environment, chain, agent, built);
  if (obstacle === undefined) return built;
  const unsent = built.handoff.raw.length <= MAX_UNSENT_BYTES ? built.handoff.raw : undefined;
  return buildFailure(environment, chain, author, { reason: obstacle, unsent, usage: result.usage });
}

/** A handoff that fails the task. Exempt from every limit: it must always be possible. */
export function buildFailure(
  environment: RelayEnvironment,
  chain: TaskChain,
  author: CommitAuthor,
  failure: {
    readonly reason: string;
    readonly error?: unknown;
    readonly unsent?: Uint8Array | undefined;
    readonly usage?: TurnResult["usage"];
  },
): BuiltHandoff {
  const error = failure.error === undefined ? {} : { error: summarizeError(failure.error) };
  const decision: Decision = { kind: "fail", reason: redactText(failure.reason), ...error };
  return buildHandoff(environment, chain, { ...author, decision, unsent: failure.unsent, usage: failure.usage });
}

function encodeDecision(environment: RelayEnvironment, decision: TurnDecision): Decision {
  if (decision.kind !== "wait") return decision;
  const { reason, question } = decision;
  const on =
    question === undefined ? { kind: "answer" } : { kind: "answer", question: environment.codec.encode(question) };
  return { kind: "wait", on, ...(reason === undefined ? {} : { reason }) };
}

/** Why what a handoff asks for cannot be done, or `undefined`. */
function findObstacle(
  environment: RelayEnvironment,
  chain: TaskChain,
  agent: Agent,
  { handoff }: BuiltHandoff,
): string | undefined {
  const { limits, backend, agents } = environment;
  const { decision, hop } = handoff.record;
  if (decision.kind === "handoff") {
    if (!agents.has(decision.to))
      return `${agent.name} handed to "${decision.to}", which is not an agent of this relay`;
    if (!agent.handsTo.includes(decision.to))
      return `${agent.name} handed to "${decision.to}", which its handsTo does not name`;
    if (hop >= limits.maxHops) return `the task would go beyond ${limits.maxHops} hops (maxHops)`;
  }
  const contextBytes = chain.rawBytes + handoff.raw.length;
  if (contextBytes > limits.maxContextBytes)
    return `the context would have ${contextBytes} bytes, more than ${limits.maxContextBytes} (maxContextBytes)`;
  const envelope = envelopeFor(environment, handoff);
  if (envelope !== undefined && serializeEnvelope(envelope).length > backend.transport.maxMessageBytes)
    return "the envelope does not fit into a queue message";
  if (Buffer.byteLength(JSON.stringify(committedEvent(handoff))) > backend.audit.maxEventBytes)
    return "the audit event does not fit into the audit log";
  return undefined;
}
