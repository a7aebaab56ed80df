import { hasCode, isBackendError } from "../../errors/index.js";
import { serializeTombstone } from "../../protocol/index.js";
import { completeAudit } from "../audit/complete-audit.js";
import { erased, KEPT_AT_ERASURE } from "../audit/events.js";
import { readToHead } from "../chain/head.js";
import { cancelTask } from "../commands/steer.js";
import { type RelayEnvironment, timestamp } from "../environment.js";

export interface EraseRequest {
  readonly by?: string;
}

/** The operation of an intent that asks the reconciler to erase once more, when no run can be left. */
export const ERASE_OPERATION = "erase";

/**
 * Takes a task's content away for good: what it learned, its files, the texts in the audit log. Its slots stay filled,
 * empty, so that nothing can be committed to them and the chain of hashes in the audit stays whole. A run that is still
 * going on may write once more, so the reconciler erases again after the longest possible run.
 */
export async function eraseTask(
  environment: RelayEnvironment,
  taskId: string,
  request: EraseRequest = {},
): Promise<void> {
  const { audit } = environment.backend;
  // Removed by the reconciler alone, after the second erasure.
  await audit.intend({
    relayId: environment.relayId,
    taskId,
    intentId: ERASE_OPERATION,
    requestId: ERASE_OPERATION,
    operation: ERASE_OPERATION,
    at: timestamp(environment),
  });
  try {
    await eraseContent(environment, taskId, request);
  } catch (error) {
    if (hasCode(error, "TASK_NOT_FOUND")) await audit.settle(environment.relayId, taskId, ERASE_OPERATION);
    throw error;
  }
}

/** Ends the task, overwrites every slot and deletes all that lies beside the chain. Doing it again is harmless. */
export async function eraseContent(
  environment: RelayEnvironment,
  taskId: string,
  request: EraseRequest = {},
): Promise<void> {
  await endTask(environment, taskId, request);
  await overwriteContent(environment, taskId, request.by);
}

async function endTask(environment: RelayEnvironment, taskId: string, request: EraseRequest): Promise<void> {
  try {
    await cancelTask(environment, taskId, { reason: "erased", ...request });
    // While the slots still tell it: the audit must show the whole chain of hashes when they no longer do.
    await completeAudit(environment, await readToHead(environment, taskId));
  } catch (error) {
    if (hasCode(error, "TASK_ERASED")) return;
    if (isBackendError(error) || hasCode(error, "TASK_NOT_FOUND")) throw error;
    // A newer version can still tell the audit what the slots hold; the intent stays for its reconciler.
    if (hasCode(error, "NOT_UNDERSTOOD")) throw error;
    // What cannot be read cannot be canceled: the slot after the last one is filled all the same, so that no run that
    // began before can put its content, and what it carries along, there.
    await fillNextSlot(environment, taskId);
  }
}

async function fillNextSlot({ backend, keys }: RelayEnvironment, taskId: string): Promise<void> {
  for (;;) {
    let next = 0;
    for await (const key of backend.store.list(keys.slots(taskId))) next = (keys.parseSlot(key)?.hop ?? -1) + 1;
    if ((await backend.store.putIfAbsent(keys.slot(taskId, next), serializeTombstone(taskId, next))) === "created")
      return;
  }
}

async function overwriteContent(environment: RelayEnvironment, taskId: string, by?: string): Promise<void> {
  const { backend, keys, chains } = environment;
  chains.delete(taskId);
  let head = 0;
  for await (const key of backend.store.list(keys.slots(taskId))) {
    const slot = keys.parseSlot(key);
    if (slot === undefined) continue;
    head = slot.hop;
    await backend.store.overwrite(key, serializeTombstone(taskId, slot.hop), { mediaType: "application/gzip" });
  }
  for (const prefix of [keys.blobs(taskId), keys.runs(taskId)]) {
    for await (const key of backend.store.list(prefix)) await backend.store.delete(key);
  }
  await backend.audit.erase(environment.relayId, taskId, KEPT_AT_ERASURE);
  await backend.audit.append(
    erased({ relayId: environment.relayId, taskId, hop: head, at: timestamp(environment) }, by),
  );
  await backend.flush?.();
  environment.changes.notify(taskId);
}

/** After this many milliseconds no run that began before can still be going on. */
export function longestRunMs(environment: RelayEnvironment): number {
  const deadlines = [...environment.agents.values()].map(
    (agent) => agent.deadlineMs ?? environment.limits.hopDeadlineMs,
  );
  return Math.max(...deadlines) + environment.limits.graceMs + environment.backend.visibilityMs;
}
