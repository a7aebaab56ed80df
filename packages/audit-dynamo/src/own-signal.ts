import { setMaxListeners } from "node:events";

/**
 * Lists under a signal of its own that follows the caller's: the SDK listens to it once for each of many requests at a
 * time, and Node warns of a leak where more than ten listen to one signal.
 */
export async function* underOwnSignal<Value>(
  signal: AbortSignal | undefined,
  list: (signal: AbortSignal | undefined) => AsyncIterable<Value>,
): AsyncGenerator<Value, void> {
  if (signal === undefined) {
    yield* list(undefined);
    return;
  }
  signal.throwIfAborted();
  const own = new AbortController();
  setMaxListeners(0, own.signal);
  const follow = () => own.abort(signal.reason);
  signal.addEventListener("abort", follow, { once: true });
  try {
    yield* list(own.signal);
  } finally {
    signal.removeEventListener("abort", follow);
  }
}
