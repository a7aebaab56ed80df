import { isBackendError } from "../../errors/index.js";
import type { Intent } from "../../ports/index.js";
import { type RelayEnvironment, timestamp } from "../environment.js";

/** The record that somebody is about to commit outside any delivery, for whom no redelivery would repair a crash. */
export interface OpenIntent {
  /** Call before each put: an intent that has grown old is renewed, lest the reconciler close it under a slow caller. */
  renewIfOld(): Promise<void>;
}

/**
 * Does something under an intent. The intent is removed when it is done or was refused; when the outcome is unknown it
 * stays, and the reconciler finishes what landed.
 */
export async function underIntent<T>(
  environment: RelayEnvironment,
  about: { readonly taskId: string; readonly operation: string; readonly requestId: string },
  act: (intent: OpenIntent) => Promise<T>,
): Promise<T> {
  const { audit } = environment.backend;
  const intentId = environment.random.id();
  const announce = async (): Promise<Intent> => {
    const intent: Intent = { relayId: environment.relayId, intentId, at: timestamp(environment), ...about };
    await audit.intend(intent);
    return intent;
  };
  let current = await announce();
  const renewIfOld = async () => {
    if (environment.clock.now() - Date.parse(current.at) > environment.limits.intentTtlMs / 4)
      current = await announce();
  };
  // The caller learns what happened in any case; an intent that lingers is finished or closed by the reconciler.
  const settle = () => audit.settle(environment.relayId, about.taskId, intentId).catch(() => {});
  const result = await act({ renewIfOld }).catch(async (error: unknown) => {
    // A backend that fails leaves open what happened; every other error means that nothing will.
    if (!isBackendError(error)) await settle();
    throw error;
  });
  await settle();
  return result;
}
