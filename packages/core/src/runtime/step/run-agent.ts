import { asTurnResult, type TurnResult } from "../agent/turn.js";
import type { RelayEnvironment } from "../environment.js";
import type { Interruption } from "./lease.js";

/** How a run ended. */
export type RunEnding =
  | { readonly kind: "returned"; readonly result: TurnResult }
  | { readonly kind: "threw"; readonly error: unknown }
  | { [each in Interruption]: { readonly kind: each } }[Interruption];

/**
 * Runs an agent until it returns, throws, or is interrupted. An interrupted run is told by its signal, gets some grace
 * to stop, and is then left behind: what it returns after the interruption is not used, since an agent may return early
 * because it was told to stop.
 */
export async function runAgent(
  environment: RelayEnvironment,
  options: {
    readonly run: (signal: AbortSignal) => unknown;
    /** Aborted with an `Interruption` as reason. */
    readonly interruptions: readonly AbortSignal[];
    readonly deadlineMs: number;
  },
): Promise<RunEnding> {
  const { clock, limits } = environment;
  const controller = new AbortController();
  const ended = new AbortController();
  const interrupt = new Promise<Interruption>((resolve) => {
    const stop = (why: Interruption) => {
      resolve(why);
      controller.abort(new DOMException(`the run was interrupted: ${why}`, "AbortError"));
    };
    for (const signal of options.interruptions) {
      const onAbort = () => stop(signal.reason as Interruption);
      if (signal.aborted) onAbort();
      else signal.addEventListener("abort", onAbort, { once: true, signal: ended.signal });
    }
    clock.sleep(options.deadlineMs, ended.signal).then(
      () => stop("deadline"),
      () => {},
    );
  });

  const run = settle(() => options.run(controller.signal));
  try {
    const first = await Promise.race([run, interrupt]);
    if (typeof first !== "string") return first;
    await Promise.race([run, clock.sleep(limits.graceMs, ended.signal).catch(() => {})]);
    return { kind: first };
  } finally {
    ended.abort();
  }
}

async function settle(run: () => unknown): Promise<RunEnding> {
  try {
    return { kind: "returned", result: asTurnResult(await run()) };
  } catch (error) {
    return { kind: "threw", error };
  }
}
