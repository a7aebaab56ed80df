/** A signal that is aborted with the first of several. */
export interface JoinedSignal {
  readonly signal: AbortSignal;
  /** Lets go of the several: call it when nobody waits any more. */
  release(): void;
}

/**
 * What `AbortSignal.any` does, for signals that outlive many that are made of them: that leaves something behind in
 * each of its sources for as long as they live.
 */
export function joinSignals(...signals: readonly AbortSignal[]): JoinedSignal {
  const joined = new AbortController();
  const letGo: (() => void)[] = [];
  for (const signal of signals) {
    if (signal.aborted) {
      joined.abort(signal.reason);
      break;
    }
    const onAbort = () => joined.abort(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    letGo.push(() => signal.removeEventListener("abort", onAbort));
  }
  return {
    signal: joined.signal,
    release() {
      for (const each of letGo) each();
    },
  };
}
