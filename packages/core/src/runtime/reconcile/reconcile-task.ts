import { hasCode } from "../../errors/index.js";
import type { AuditEvent, TaskRow } from "../../ports/index.js";
import { type StoredHandoff, stateAfter, taskDeadline } from "../../protocol/index.js";
import { damageChanged, resent } from "../audit/events.js";
import { isDamage } from "../chain/damage.js";
import { readToHead } from "../chain/head.js";
import { headOf, type TaskChain } from "../chain/task-chain.js";
import { collect } from "../collect.js";
import { commitOutside } from "../commands/steer.js";
import { createContext } from "../context/create-context.js";
import { type RelayEnvironment, timestamp } from "../environment.js";
import { auditCommit } from "../help.js";
import { envelopeFor, sendEnvelope } from "../send.js";
import type { Prospect } from "./outlook.js";
import { deliveryMs, generationDue, resendDueAt } from "./resend.js";

/** What was found of one task, and done. */
export type TaskFinding =
  | {
      readonly status: "fine" | "resent" | "deadline-passed" | "erased" | "missing" | "not-understood";
      readonly chain?: TaskChain;
      /** Of a running task: what it will be due for if nobody moves it. */
      readonly prospect?: Prospect;
    }
  | { readonly status: "damaged"; readonly reason: string };

/**
 * Makes sure that one task moves on if it can: its head is in the audit, its envelope is in a queue, its deadline is
 * kept. Damage is tested anew each time, and cleared when the chain verifies again.
 */
export async function reconcileTask(environment: RelayEnvironment, taskId: string): Promise<TaskFinding> {
  const row = await environment.backend.audit.task(environment.relayId, taskId);
  let chain: TaskChain;
  try {
    // Past the cache: what this process verified once may have been damaged since.
    chain = await readToHead(environment, taskId, { fresh: true });
    // The damage that was found may be a large value's.
    if (row?.damaged) await createContext(environment, chain);
  } catch (error) {
    return await findingOf(environment, taskId, row, error);
  }
  const head = headOf(chain);
  if (row?.damaged) await clearDamage(environment, head);
  await auditCommit(environment, head);
  if (await failIfOverdue(environment, chain)) return { status: "deadline-passed", chain };
  if (stateAfter(head.record.decision) !== "running") return { status: "fine", chain };
  const { wasDue, nextDueAt: resendAt } = await resendIfSilent(environment, head);
  const deadlineAt = deadlineOf(chain) ?? Number.POSITIVE_INFINITY;
  const prospect = { headHop: head.record.hop, agent: agentOf(head), resendAt, deadlineAt };
  return { status: wasDue ? "resent" : "fine", chain, prospect };
}

async function findingOf(
  environment: RelayEnvironment,
  taskId: string,
  row: TaskRow | undefined,
  error: unknown,
): Promise<TaskFinding> {
  if (hasCode(error, "TASK_ERASED")) return { status: "erased" };
  if (hasCode(error, "TASK_NOT_FOUND")) return { status: "missing" };
  if (hasCode(error, "NOT_UNDERSTOOD")) return { status: "not-understood" };
  if (!isDamage(error)) throw error;
  // Told once: a finding that is known already is no news.
  if (row?.damaged !== true) {
    const event = damageChanged(
      "damaged",
      { relayId: environment.relayId, taskId, hop: row?.headHop ?? 0, at: timestamp(environment) },
      error.message,
    );
    await environment.backend.audit.append(event, { damaged: true });
  }
  return { status: "damaged", reason: error.message };
}

async function clearDamage(environment: RelayEnvironment, head: StoredHandoff): Promise<void> {
  const { relayId, taskId, hop } = head.record;
  await environment.backend.audit.append(
    damageChanged("repaired", { relayId, taskId, hop, at: timestamp(environment) }),
    { damaged: false },
  );
}

async function failIfOverdue(environment: RelayEnvironment, chain: TaskChain): Promise<boolean> {
  const deadline = deadlineOf(chain);
  if (deadline === undefined || deadline > environment.clock.now()) return false;
  const decision = { kind: "fail", reason: "the task's deadline has passed" } as const;
  return await commitOutside(environment, chain, { decision, fromAgent: null, by: "reconciler" });
}

function deadlineOf(chain: TaskChain): number | undefined {
  return taskDeadline(chain.handoffs.map(({ record }) => record));
}

/** Sends a running task's envelope again where that is due; resolves to whether it was, and when it is next. */
async function resendIfSilent(
  environment: RelayEnvironment,
  head: StoredHandoff,
): Promise<{ readonly wasDue: boolean; readonly nextDueAt: number }> {
  const { record } = head;
  const events = await collect(environment.backend.audit.events(record.relayId, record.taskId, { hop: record.hop }));
  const resends = events.filter((event) => event.kind === "resent");
  const now = environment.clock.now();
  const silence = {
    headAt: Date.parse(record.createdAt),
    lastResentAt: latest(resends),
    // The highest generation, not the count: an operator may have sent some by hand.
    resends: Math.max(0, ...resends.map((event) => Number(event.detail.generation))),
    baseMs: deliveryMs(environment, agentOf(head)),
  };
  const generation = generationDue({ ...silence, now });
  const envelope = generation === undefined ? undefined : envelopeFor(environment, head, generation);
  if (generation === undefined || envelope === undefined) return { wasDue: false, nextDueAt: resendDueAt(silence) };
  // Recorded before it leaves: a re-send that nobody knows of would be repeated with the same generation, and dropped.
  await environment.backend.audit.append(resent(envelope));
  await sendEnvelope(environment, envelope);
  return { wasDue: true, nextDueAt: resendDueAt({ ...silence, lastResentAt: now, resends: generation }) };
}

/** Whose turn it is. */
function agentOf({ record }: StoredHandoff): string | null {
  return record.decision.kind === "handoff" ? record.decision.to : null;
}

function latest(events: readonly AuditEvent[]): number | undefined {
  return events.length === 0 ? undefined : Math.max(...events.map((event) => Date.parse(event.at)));
}
