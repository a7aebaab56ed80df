import type { Envelope, StoredHandoff } from "../../protocol/index.js";
import { taskDeadline } from "../../protocol/index.js";
import type { Agent } from "../agent/agent.js";
import { headOf, type TaskChain } from "../chain/task-chain.js";

/** What to do with a delivery whose handoff is the head of a verified chain. */
export type Verdict =
  | { readonly action: "run" }
  /** The envelope does not fit the chain; the task is unaffected. */
  | { readonly action: "refuse"; readonly reason: string }
  /** Another worker may be able to. */
  | { readonly action: "leave"; readonly reason: string }
  /** It must not run any more. */
  | { readonly action: "fail"; readonly reason: string };

export interface Judging {
  readonly envelope: Envelope;
  /** Its head is the envelope's hop. */
  readonly chain: TaskChain;
  readonly agent: Agent;
  readonly versions: "any" | "pinned";
  readonly knowsClass: (name: string) => boolean;
  readonly now: number;
}

export function judge({ envelope, chain, agent, versions, knowsClass, now }: Judging): Verdict {
  const head = headOf(chain);
  const refusal = whyRefused(envelope, head, agent.name);
  if (refusal !== undefined) return { action: "refuse", reason: refusal };

  for (const { record } of chain.handoffs) {
    const unknown = record.classes.find((name) => !knowsClass(name));
    if (unknown !== undefined)
      return { action: "leave", reason: `the context needs the class "${unknown}", which is not registered here` };
  }
  if (versions === "pinned") {
    const pinned = chain.handoffs.find(({ record }) => record.fromAgent === agent.name)?.record.agentVersion;
    if (pinned !== undefined && pinned !== agent.version) {
      return {
        action: "leave",
        reason: `the task is pinned to version "${pinned}" of ${agent.name}; this worker has ${agent.version === undefined ? "none" : `"${agent.version}"`}`,
      };
    }
  }
  const deadline = taskDeadline(chain.handoffs.map(({ record }) => record));
  if (deadline !== undefined && deadline <= now) return { action: "fail", reason: "the task's deadline has passed" };
  return { action: "run" };
}

function whyRefused(envelope: Envelope, head: StoredHandoff, agent: string): string | undefined {
  const { decision } = head.record;
  if (head.sha256 !== envelope.handoffSha256) return "the envelope names another handoff than its slot holds";
  if (decision.kind !== "handoff") return `the handoff's decision is ${decision.kind}, which nobody executes`;
  if (decision.to !== envelope.toAgent) return "the envelope names another agent than the handoff";
  if (decision.to !== agent) return "the envelope is in another agent's queue";
  return undefined;
}
