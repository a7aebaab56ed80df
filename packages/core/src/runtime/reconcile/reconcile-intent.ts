import { hasCode } from "../../errors/index.js";
import type { Intent } from "../../ports/index.js";
import { isDamage } from "../chain/damage.js";
import { readToHead } from "../chain/head.js";
import { findRequest } from "../commands/request-id.js";
import type { RelayEnvironment } from "../environment.js";
import { help } from "../help.js";
import { ERASE_OPERATION, eraseContent, longestRunMs } from "../task/erase.js";

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
    const erased = await eraseContent(environment, taskId).then(
      () => true,
      (error: unknown) => {
        if (hasCode(error, "TASK_NOT_FOUND")) return false;
        throw error;
      },
    );
    await settle();
    return erased ? "finished" : "closed";
  }
  const found = await findCommit(environment, intent);
  if (found === "unknown" || (found === "absent" && age < environment.limits.intentTtlMs)) return "kept";
  await settle();
  return found === "present" ? "finished" : "closed";
}

/** Whether some slot bears the intent's request; if so, it is helped along. */
async function findCommit(
  environment: RelayEnvironment,
  { taskId, requestId }: Intent,
): Promise<"present" | "absent" | "unknown"> {
  try {
    const chain = await readToHead(environment, taskId);
    const hop = findRequest(chain, requestId);
    if (hop !== undefined) await help(environment, chain, hop);
    return hop === undefined ? "absent" : "present";
  } catch (error) {
    // Nothing can follow in a task that is gone.
    if (hasCode(error, "TASK_NOT_FOUND") || hasCode(error, "TASK_ERASED")) return "absent";
    // It may be there: to be seen once the chain is repaired, or read by a newer version.
    if (isDamage(error) || hasCode(error, "NOT_UNDERSTOOD")) return "unknown";
    throw error;
  }
}
