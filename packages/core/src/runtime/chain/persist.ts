import { isBackendError, StoreError } from "../../errors/index.js";
import type { RelayEnvironment } from "../environment.js";

/** A call to the store that takes longer is given up: it is then as ambiguous as one whose answer was lost. */
export const STORE_DEADLINE_MS = 60_000;
/** What is to be stored is paid for: an outage of some seconds must not waste it. */
const TRIES = 6;
const BACKOFF_MS = 100;

/**
 * Does something with the store that is safe to repeat, again and again while the store fails.
 * @throws StoreError when it still fails; whether anything was written is then unknown
 */
export async function persist<T>(
  environment: RelayEnvironment,
  subject: string,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  let failure: unknown;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (attempt > 0) await environment.clock.sleep(BACKOFF_MS * 2 ** attempt);
    try {
      return await withDeadline(environment, subject, act);
    } catch (error) {
      if (!isBackendError(error)) throw error;
      failure = error;
      if (!error.retryable) break;
    }
  }
  throw new StoreError("put", {
    subject,
    cause: failure,
    hint: "whether it was written will show at the next look",
  });
}

/** Aborts what takes longer than a call may, and waits no longer, whether it heeds its signal or not. */
async function withDeadline<T>(
  environment: RelayEnvironment,
  subject: string,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const done = new AbortController();
  const tooLate = environment.clock.sleep(STORE_DEADLINE_MS, done.signal).then(
    () => {
      const error = new StoreError("answer", { subject, hint: `it took longer than ${STORE_DEADLINE_MS} ms` });
      late.abort(error);
      throw error;
    },
    // Done in time: the other one has won.
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([act(late.signal), tooLate]);
  } finally {
    done.abort();
    tooLate.catch(() => {});
  }
}

/** How many objects are read or written side by side: more than the segments that cover any chain. */
const PARALLEL_CALLS = 64;

/** Does something for each item, a bounded number at a time; after a failure nothing new is begun. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  act: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  const work = async (): Promise<void> => {
    while (next < items.length && failure === undefined) {
      const index = next++;
      try {
        results[index] = await act(items[index] as Item, index);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL_CALLS, items.length) }, work));
  // Thrown when all have settled, so that nothing is left running behind an error.
  if (failure !== undefined) throw failure.error;
  return results;
}
