import type { StoredHandoff } from "../protocol/index.js";
import { committedEvent, rowOf } from "./audit/events.js";
import { headOf, type TaskChain } from "./chain/task-chain.js";
import type { RelayEnvironment } from "./environment.js";
import { sendNext } from "./send.js";

/** Tells the audit that a slot was filled. Writing it again is harmless. */
export async function auditCommit(environment: RelayEnvironment, handoff: StoredHandoff): Promise<void> {
  await environment.backend.audit.append(committedEvent(handoff), { row: rowOf(handoff) });
}

/** What follows every commit, in this order: no handoff leaves without an audit record. */
export async function auditAndSend(environment: RelayEnvironment, handoff: StoredHandoff): Promise<void> {
  await auditCommit(environment, handoff);
  await sendNext(environment, handoff);
}

/**
 * Finishes what somebody else committed and perhaps did not live to finish, from hop `from` to the chain's head:
 * appends what the audit may lack and, if the head is `from` itself, sends its envelope (if the head is further,
 * somebody has).
 */
export async function help(environment: RelayEnvironment, chain: TaskChain, from: number): Promise<void> {
  const head = headOf(chain);
  for (const handoff of chain.handoffs.slice(from))
    if (mayLackAudit(chain, handoff)) await auditCommit(environment, handoff);
  if (head.record.hop === from) await sendNext(environment, head);
  await environment.backend.flush?.();
}

/** A run that committed the next hop had received an envelope, which was sent after the audit was written. */
function mayLackAudit(chain: TaskChain, handoff: StoredHandoff): boolean {
  const successor = chain.handoffs[handoff.record.hop + 1];
  return successor === undefined || successor.record.attempt === null;
}
