import type { Delivery } from "../../ports/index.js";
import type { RelayEnvironment } from "../environment.js";
import { createRunGate } from "../step/run-gate.js";
import type { DeliveryOutcome, ProcessDeadline } from "../step/setting.js";
import { handleObserved } from "./handle-observed.js";
import { agentOf } from "./worker.js";

export interface HandleOptions<Name extends string = string> {
  /** Whose queue it came from. */
  readonly agent: Name;
  /** When it was received, in milliseconds since the epoch. Default: now. A lease that is older is extended before a run. */
  readonly receivedAt?: number;
  /** Aborting it gives the run back, which costs the task no attempt. */
  readonly signal?: AbortSignal;
  /** When the process ends by itself, where it does. */
  readonly processDeadline?: ProcessDeadline;
}

/** One delivery that something else than a worker received, handled as a worker would. */
export async function handle(
  environment: RelayEnvironment,
  delivery: Delivery,
  { agent: name, receivedAt = environment.clock.now(), signal, processDeadline }: HandleOptions,
): Promise<DeliveryOutcome> {
  const agent = agentOf(environment, name);
  const drain = new AbortController();
  const stop = () => drain.abort("drained");
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  const setting = { environment, agent, gate: createRunGate(1), drain: drain.signal };
  try {
    return await handleObserved({ ...setting, ...(processDeadline && { processDeadline }) }, delivery, receivedAt);
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}
