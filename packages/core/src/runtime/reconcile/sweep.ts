import { isFinal } from "../../protocol/index.js";
import { headOf, type TaskChain } from "../chain/task-chain.js";
import type { RelayEnvironment } from "../environment.js";

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
