import { InvalidOptionsError } from "../../errors/index.js";
import { isFinal } from "../../protocol/index.js";
import { readToHead } from "../chain/head.js";
import { headOf, type TaskChain } from "../chain/task-chain.js";
import type { RelayEnvironment } from "../environment.js";
import { type HopEvent, hopEvents } from "./result.js";

export interface WatchOptions {
  /** The cursor of the last event that was seen; default: from the beginning. */
  readonly after?: string;
  readonly signal?: AbortSignal;
}

/** How often to look at the store for what other processes did, in milliseconds: soon at first, then less often. */
const FIRST_LOOK_MS = 25;
const LAST_LOOK_MS = 1_000;

/**
 * A task's hops, those that have happened and those to come, each exactly once and in order, until its final one.
 * @throws TaskNotFoundError, TaskErasedError; the signal's reason once it is aborted
 */
export async function* watchTask(
  environment: RelayEnvironment,
  taskId: string,
  options: WatchOptions = {},
): AsyncGenerator<HopEvent, void, undefined> {
  let next = options.after === undefined ? 0 : parseCursor(options.after) + 1;
  const { signal } = options;
  let chain = await readToHead(environment, taskId, signal === undefined ? {} : { signal });
  for (;;) {
    const events = hopEvents(chain, next);
    // What is shown must survive a power cut.
    if (events.length > 0) await environment.backend.flush?.();
    yield* events;
    next = Math.max(next, chain.handoffs.length);
    if (isFinal(headOf(chain).record.decision)) return;
    chain = await nextChain(environment, chain, signal);
  }
}

function parseCursor(cursor: string): number {
  if (!/^\d{1,10}$/.test(cursor))
    throw new InvalidOptionsError("watch({ after }) takes the cursor of an event of this task");
  return Number(cursor);
}

/** Waits until a chain has grown. */
export async function nextChain(
  environment: RelayEnvironment,
  chain: TaskChain,
  signal: AbortSignal | undefined,
): Promise<TaskChain> {
  const { taskId } = chain;
  const reading = signal === undefined ? {} : { signal };
  const next = environment.keys.slot(taskId, headOf(chain).record.hop + 1);
  for (let wait = FIRST_LOOK_MS; ; wait = Math.min(wait * 2, LAST_LOOK_MS)) {
    signal?.throwIfAborted();
    const change = environment.changes.next(taskId);
    try {
      if ((await environment.backend.store.get(next, reading)) !== undefined)
        return await readToHead(environment, taskId, reading);
      const wake = signal === undefined ? change.signal : AbortSignal.any([signal, change.signal]);
      await environment.clock.sleep(wait, wake).catch(() => {});
    } finally {
      change.stop();
    }
  }
}
