import { hasCode } from "../../errors/index.js";
import type { Intent } from "../../ports/index.js";
import { readToHead, readTwiceBeforeDamage } from "../chain/head.js";
import { findRequest } from "../commands/start.js";
import type { RelayEnvironment } from "../environment.js";
import { help } from "../help.js";
import { ERASE_OPERATION, longestRunMs, overwriteContent } from "../task/erase.js";

/** What became of an intent whose caller may have died. */
export type IntentFinding = "finished" | "closed" | "kept";

/**
 * Finishes what a caller began: if some slot bears the intent's request, what follows that commit is done; if none does
 * and no put can still arrive, the intent is closed.
 */
export async function reconcileIntent(environment: RelayEnvironment, intent: Intent): Promise<IntentFinding> {
  const { relayId, taskId, intentId } = intent;
  const settle = () => environment.backend.audit.settle(relayId, taskId, intentId);
  const age = environment.clock.now() - Date.parse(intent.at);
  if (intent.operation === ERASE_OPERATION) {
    if (age < longestRunMs(environment)) return "kept";
    await overwriteContent(environment, taskId);
    await settle();
    return "finished";
  }
  const hop = await findCommit(environment, intent);
  if (hop !== undefined) {
    await settle();
    return "finished";
  }
  if (age < environment.limits.intentTtlMs) return "kept";
  await settle();
  return "closed";
}

/** The hop that bears the intent's request, helped along; `undefined` when there is none. */
async function findCommit(environment: RelayEnvironment, { taskId, requestId }: Intent): Promise<number | undefined> {
  try {
    const chain = await readTwiceBeforeDamage(environment, taskId, (reading) =>
      readToHead(environment, taskId, reading),
    );
    const hop = findRequest(chain, requestId);
    if (hop !== undefined) await help(environment, chain, hop);
    return hop;
  } catch (error) {
    // Nothing can follow in a task that is gone; a damaged one is looked at again until the intent is too old.
    if (
      hasCode(error, "TASK_NOT_FOUND") ||
      hasCode(error, "TASK_ERASED") ||
      hasCode(error, "CONTEXT_INTEGRITY") ||
      hasCode(error, "NOT_UNDERSTOOD")
    )
      return undefined;
    throw error;
  }
}
