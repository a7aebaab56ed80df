import { ContextIntegrityError, TaskNotFoundError } from "../../errors/index.js";
import type { RelayEnvironment } from "../environment.js";
import { twiceBeforeDamage } from "./damage.js";
import { readChain } from "./read-chain.js";
import type { TaskChain } from "./task-chain.js";

export interface HeadOptions {
  /** Trust nothing that was read before. */
  readonly fresh?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * The last filled slot of a task, by what the store lists; `undefined` when none is filled. Slots that this process has
 * verified are taken as filled, unless it is told to look afresh.
 * @throws ContextIntegrityError when a slot is missing before the last one, or one that was there before is gone
 */
export async function findHead(
  environment: RelayEnvironment,
  taskId: string,
  { fresh = false, signal }: HeadOptions = {},
): Promise<number | undefined> {
  const { keys, backend, chains } = environment;
  const known = chains.get(taskId)?.handoffs.length ?? 0;
  const from = fresh ? 0 : Math.max(0, known - 1);
  let expected = from;
  const options = { ...(from > 0 && { after: keys.slot(taskId, from - 1) }), ...(signal !== undefined && { signal }) };
  for await (const key of backend.store.list(keys.slots(taskId), options)) {
    const slot = keys.parseSlot(key);
    if (slot === undefined || slot.taskId !== taskId) continue;
    // A slot after a missing one is damage, never an end: nobody may fill the gap.
    if (slot.hop !== expected) throw missing(taskId, expected, `but hop ${slot.hop} is filled`);
    expected++;
  }
  if (expected < known) throw missing(taskId, expected, "though it was read before");
  return expected === from ? undefined : expected - 1;
}

function missing(taskId: string, hop: number, how: string): ContextIntegrityError {
  return new ContextIntegrityError(`the chain of task ${taskId} is damaged: the slot of hop ${hop} is empty, ${how}`);
}

/**
 * Reads and verifies a task's whole chain up to its head; damage only after a second look.
 * @throws TaskNotFoundError, and what `readChain` throws
 */
export async function readToHead(
  environment: RelayEnvironment,
  taskId: string,
  options: HeadOptions = {},
): Promise<TaskChain> {
  return await twiceBeforeDamage(async ({ fresh }) => {
    const reading = { ...options, fresh: fresh || options.fresh === true };
    const head = await findHead(environment, taskId, reading);
    if (head === undefined) throw new TaskNotFoundError(taskId);
    const { chain } = await readChain(environment, taskId, head, reading);
    if (chain === undefined) throw missing(taskId, head, "though it is listed");
    return chain;
  });
}
