/**
 * Does something once, for all who ask, and again only after it has failed. One who gives up does not end it for the
 * others: an aborted signal rejects that one call.
 */
export function shared(act: () => Promise<void>): (signal?: AbortSignal) => Promise<void> {
  let underWay: Promise<void> | undefined;
  return async (signal) => {
    signal?.throwIfAborted();
    underWay ??= act().catch((error: unknown) => {
      underWay = undefined;
      throw error;
    });
    await unlessAborted(underWay, signal);
  };
}

async function unlessAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return await work;
  const listening = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true, signal: listening.signal });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    listening.abort();
  }
}
