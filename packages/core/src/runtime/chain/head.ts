import { ContextIntegrityError, hasCode, TaskNotFoundError } from "../../errors/index.js";
import type { RelayEnvironment } from "../environment.js";
import { readChain } from "./read-chain.js";
import type { TaskChain } from "./task-chain.js";

/** The last filled slot of a task, by what the store lists; `undefined` when none is filled. Where `from` is given, slots before it are taken as filled. */
export async function findHead(
  environment: RelayEnvironment,
  taskId: string,
  options: { readonly from?: number; readonly signal?: AbortSignal } = {},
): Promise<number | undefined> {
  const { keys, backend } = environment;
  const from = options.from ?? 0;
  let expected = from;
  const after = from === 0 ? {} : { after: keys.slot(taskId, from - 1) };
  for await (const key of backend.store.list(keys.slots(taskId), {
    ...after,
    ...(options.signal && { signal: options.signal }),
  })) {
    const slot = keys.parseSlot(key);
    if (slot === undefined || slot.taskId !== taskId) continue;
    // A slot after a missing one is damage, never an end: nobody may fill the gap.
    if (slot.hop !== expected)
      throw new ContextIntegrityError(
        `the chain of task ${taskId} is damaged: the slot of hop ${expected} is empty but hop ${slot.hop} is filled`,
      );
    expected++;
  }
  return expected === from ? undefined : expected - 1;
}

/**
 * Reads and verifies a task's whole chain up to its head.
 * @throws TaskNotFoundError, and what `readChain` throws
 */
export async function readToHead(
  environment: RelayEnvironment,
  taskId: string,
  options: { readonly fresh?: boolean; readonly signal?: AbortSignal } = {},
): Promise<TaskChain> {
  // What this process has verified is filled: list from there, not from the beginning.
  const known = options.fresh ? 0 : (environment.chains.get(taskId)?.handoffs.length ?? 0);
  const head = (await findHead(environment, taskId, { ...options, from: Math.max(0, known - 1) })) ?? undefined;
  if (head === undefined) {
    if (known > 0)
      throw new ContextIntegrityError(
        `the chain of task ${taskId} is damaged: the slot of hop ${known - 1}, which was read before, is empty`,
      );
    throw new TaskNotFoundError(taskId);
  }
  const { chain } = await readChain(environment, taskId, head, options);
  if (chain === undefined)
    throw new ContextIntegrityError(
      `the chain of task ${taskId} is damaged: the slot of hop ${head} is listed but empty`,
    );
  return chain;
}

/**
 * Does something that reads a chain; damage is believed only when a second look, past every cache, finds it again.
 */
export async function readTwiceBeforeDamage<T>(
  environment: RelayEnvironment,
  taskId: string,
  read: (options: { fresh: boolean }) => Promise<T>,
): Promise<T> {
  try {
    return await read({ fresh: false });
  } catch (error) {
    if (!hasCode(error, "CONTEXT_INTEGRITY")) throw error;
    environment.chains.delete(taskId);
    return await read({ fresh: true });
  }
}
