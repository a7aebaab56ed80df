import type { Delivery } from "../../ports/index.js";
import { type AttemptSubject, superseded } from "../audit/events.js";
import { type BuiltHandoff, storeBlobs } from "../build-handoff.js";
import { commit } from "../chain/commit.js";
import { readToHead } from "../chain/head.js";
import { headOf, type TaskChain } from "../chain/task-chain.js";
import { type RelayEnvironment, timestamp } from "../environment.js";
import { auditAndSend, help } from "../help.js";
import type { DeliveryOutcome, StepSetting } from "./setting.js";

/**
 * Commits a handoff and does what follows: audit, send, acknowledge, in this order, so that a crash at any point is
 * repaired by the next delivery. When another handoff has filled the slot, that one is helped instead.
 */
export async function finishWith(
  setting: StepSetting,
  delivery: Delivery,
  chain: TaskChain,
  built: BuiltHandoff,
): Promise<DeliveryOutcome> {
  const { environment } = setting;
  const { hop, taskId, decision } = built.handoff.record;
  await storeBlobs(environment, taskId, built.blobs);
  const outcome = await commit(environment, chain, built.handoff);
  if (outcome.status === "superseded") return await yieldToWinner(setting, delivery, { taskId, hop: hop - 1 });
  await auditAndSend(environment, headOf(outcome.chain));
  await delivery.acknowledge();
  return { status: "committed", decision: decision.kind };
}

/** Somebody else decided the hop: record it, finish what they may have left, and let go. */
export async function yieldToWinner(
  setting: StepSetting,
  delivery: Delivery,
  at: { taskId: string; hop: number },
): Promise<DeliveryOutcome> {
  const { environment, agent } = setting;
  const chain = await readToHead(environment, at.taskId);
  await environment.backend.audit.append(
    superseded(attemptSubject(environment, agent.name, delivery, at), chain.handoffs[at.hop + 1]?.sha256 ?? ""),
  );
  await help(environment, chain, at.hop + 1);
  await delivery.acknowledge();
  return { status: "superseded" };
}

export function attemptSubject(
  environment: RelayEnvironment,
  agent: string,
  delivery: Delivery,
  { taskId, hop }: { taskId: string; hop: number },
): AttemptSubject {
  return { relayId: environment.relayId, taskId, hop, agent, attempt: delivery.id, at: timestamp(environment) };
}
