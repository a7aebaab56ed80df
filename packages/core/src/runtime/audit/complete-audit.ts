import type { TaskChain } from "../chain/task-chain.js";
import type { RelayEnvironment } from "../environment.js";
import { committedEvent, rowOf } from "./events.js";

/** Appends the audit events of a chain that the log lacks; resolves to how many. */
export async function completeAudit(environment: RelayEnvironment, chain: TaskChain): Promise<number> {
  const { audit } = environment.backend;
  const told = new Set<string>();
  for await (const event of audit.events(chain.relayId, chain.taskId)) told.add(event.id);
  let appended = 0;
  for (const handoff of chain.handoffs) {
    const event = committedEvent(handoff);
    if (told.has(event.id)) continue;
    await audit.append(event, { row: rowOf(handoff) });
    appended++;
  }
  return appended;
}
