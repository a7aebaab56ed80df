import type { Delivery } from "../../ports/index.js";
import type { RelayEnvironment } from "../environment.js";

/** Why a run should stop although its agent could go on. */
export type Interruption = "taken" | "lease-lost" | "deadline" | "drained";

export interface Lease {
  /** Aborted, with an `Interruption` as its reason, when the hop was decided elsewhere or the lease is lost. */
  readonly signal: AbortSignal;
  /** Extends at once if that is due; resolves to whether the lease still holds, as far as the queue says. */
  refresh(): Promise<boolean>;
  stop(): void;
}

/**
 * Keeps a delivery invisible while it is worked on, and looks each time whether the hop was decided elsewhere.
 * A queue or store that does not answer changes nothing: the slot decides in the end.
 */
export function keepLease(
  environment: RelayEnvironment,
  delivery: Delivery,
  hop: { readonly taskId: string; readonly hop: number },
  receivedAt: number,
): Lease {
  const { backend, clock, keys } = environment;
  const interval = Math.max(1, Math.floor(backend.visibilityMs / 3));
  const interrupted = new AbortController();
  const stopped = new AbortController();
  let extendedAt = receivedAt;

  const extend = async (): Promise<boolean> => {
    const at = clock.now();
    if ((await delivery.extend(backend.visibilityMs)) === "lease-lost") {
      interrupted.abort("lease-lost" satisfies Interruption);
      return false;
    }
    extendedAt = at;
    return true;
  };
  const probe = async (): Promise<void> => {
    if ((await backend.store.get(keys.slot(hop.taskId, hop.hop + 1), { signal: stopped.signal })) !== undefined) {
      interrupted.abort("taken" satisfies Interruption);
    }
  };
  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted && !interrupted.signal.aborted) {
      await clock.sleep(interval, stopped.signal);
      await Promise.allSettled([extend(), probe()]);
    }
  };
  loop().catch(() => {});

  return {
    signal: interrupted.signal,
    async refresh() {
      if (interrupted.signal.aborted) return false;
      return clock.now() - extendedAt < interval ? true : await extend();
    },
    stop: () => stopped.abort(),
  };
}
