import { isFinal } from "../../protocol/index.js";
import { committedEvent, rowOf } from "../audit/events.js";
import { headOf, type TaskChain } from "../chain/task-chain.js";
import type { RelayEnvironment } from "../environment.js";

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

/** Deletes what lies beside the chain of a final task and that no handoff names; resolves to how many objects. */
export async function sweepTask(environment: RelayEnvironment, chain: TaskChain): Promise<number> {
  if (!isFinal(headOf(chain).record.decision)) return 0;
  const { backend, keys } = environment;
  const named = new Set(
    chain.handoffs.flatMap(({ record }) => record.blobs.map((blob) => keys.blob(chain.taskId, blob.sha256))),
  );
  let swept = 0;
  const remove = async (key: string) => {
    await backend.store.delete(key);
    swept++;
  };
  for await (const key of backend.store.list(keys.blobs(chain.taskId))) if (!named.has(key)) await remove(key);
  for await (const key of backend.store.list(keys.runs(chain.taskId))) await remove(key);
  return swept;
}
