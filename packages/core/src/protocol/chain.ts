import { ContextIntegrityError } from "../errors/index.js";
import type { Decision, HandoffRecord, StoredHandoff } from "./handoff.js";
import { isFinal, stateAfter } from "./handoff.js";

/** What the whole chain of a task must agree on. */
export interface ChainIdentity {
  readonly relayId: string;
  readonly taskId: string;
}

/**
 * Checks that a handoff is the one that follows another (or, after none, the first): same relay and task, the next hop,
 * bound by the hash, and a decision that may follow, made by who may make it.
 * @throws ContextIntegrityError naming the hop and what does not fit
 */
export function verifyLink(previous: StoredHandoff | undefined, next: StoredHandoff, identity: ChainIdentity): void {
  const hop = previous === undefined ? 0 : previous.record.hop + 1;
  const problem =
    whyUnbound(previous, next, identity, hop) ??
    (previous === undefined ? whyNotFirst(next.record) : whyNotAfter(previous.record, next.record));
  if (problem === undefined) return;
  throw new ContextIntegrityError(`the chain of task ${identity.taskId} is damaged at hop ${hop}: ${problem}`);
}

function whyUnbound(
  previous: StoredHandoff | undefined,
  { record }: StoredHandoff,
  identity: ChainIdentity,
  hop: number,
): string | undefined {
  if (record.relayId !== identity.relayId || record.taskId !== identity.taskId) return "it belongs to another task";
  if (record.hop !== hop) return `it says that it is hop ${record.hop}`;
  if (record.previous !== (previous?.sha256 ?? null)) return "it does not name the hash of the handoff before it";
  return undefined;
}

function whyNotFirst({ decision, fromAgent, inputSha256, step }: HandoffRecord): string | undefined {
  if (fromAgent !== null || decision.kind !== "handoff") return "a task begins with a caller's handoff to an agent";
  if (inputSha256 === undefined) return "it does not name the hash of the task's input";
  return step === 0 ? undefined : "its step is not its hop";
}

function whyNotAfter(previous: HandoffRecord, next: HandoffRecord): string | undefined {
  if (isFinal(previous.decision)) return "nothing may follow a final decision";
  const isRetry = previous.decision.kind === "fail" && next.decision.kind === "handoff";
  if (isRetry ? next.step >= previous.hop : next.step !== next.hop) {
    return isRetry ? "it retries, yet its step is not an earlier hop" : "its step is not its hop";
  }
  return next.fromAgent === null ? whyNotFromOutside(previous, next.decision) : whyNotBy(next.fromAgent, previous);
}

/** An agent decides once: after the handoff to it. */
function whyNotBy(agent: string, { decision }: HandoffRecord): string | undefined {
  if (decision.kind !== "handoff") return `no agent may act on a task that is ${stateAfter(decision)}`;
  return decision.to === agent ? undefined : "another agent decided than the one it was handed to";
}

/** Where no agent ran: a person or the relay itself retries, resumes, cancels or gives up. */
function whyNotFromOutside(previous: HandoffRecord, decision: Decision): string | undefined {
  switch (decision.kind) {
    case "cancel":
      return undefined;
    case "fail":
      return previous.decision.kind === "handoff" ? undefined : "only a running task can fail";
    case "handoff":
      if (previous.decision.kind === "handoff") return "only an agent may hand on a running task";
      // The agent that failed or waited goes on. Where nobody's run failed, the record before does not name it.
      if (previous.fromAgent === null || decision.to === previous.fromAgent) return undefined;
      return "a task goes on with the agent that failed or waited";
    default:
      return `only an agent may decide to ${decision.kind}`;
  }
}

/** What callers may ask of a task from outside. */
export type AllowedOperation = "retry" | "resume" | "cancel";

/** What may be asked when this is the head's decision. */
export function allowedOperations(decision: Decision): readonly AllowedOperation[] {
  switch (decision.kind) {
    case "handoff":
      return ["cancel"];
    case "fail":
      return ["retry", "cancel"];
    case "wait":
      return ["resume", "cancel"];
    case "complete":
    case "cancel":
      return [];
  }
}

/**
 * When a task must be done: the instant in milliseconds, or `undefined` while it has no deadline or is parked.
 * Time parked does not count, and a retry begins anew.
 */
export function taskDeadline(records: readonly HandoffRecord[]): number | undefined {
  const deadlineMs = records[0]?.options?.deadlineMs;
  const head = records[records.length - 1];
  if (deadlineMs === undefined || head === undefined || head.decision.kind !== "handoff") return undefined;
  let spent = 0;
  let runningSince = 0;
  let before: HandoffRecord | undefined;
  for (const record of records) {
    const at = Date.parse(record.createdAt);
    if (before?.decision.kind === "fail") spent = 0;
    if (before?.decision.kind !== "handoff") runningSince = at;
    else if (record.decision.kind !== "handoff") spent += Math.max(0, at - runningSince);
    before = record;
  }
  return runningSince + deadlineMs - spent;
}
