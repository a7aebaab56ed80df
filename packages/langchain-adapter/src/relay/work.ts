import { type HopEvent, hasCode, type Relay, type StartRequest, type TaskResult } from "@agenthandoff/core";

/** The name of the custom event that each hop causes. */
export const HOP_EVENT = "agenthandoff.hop";

/** How a relay is called from LangChain. */
export interface RelayCallOptions<Name extends string> {
  /** The agent that works first. */
  readonly to: Name;
  /** Whether this process does the work itself. `false`: it waits for workers elsewhere. Default true. */
  readonly work?: boolean;
}

export interface Work {
  readonly relay: Relay;
  readonly request: StartRequest;
  readonly work: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Starts a task, shows its hops as they are committed, and returns where it came to rest. */
export async function* work({ relay, request, work, signal }: Work): AsyncGenerator<HopEvent, TaskResult, undefined> {
  const task = await relay.start(request);
  const left = new AbortController();
  const stop = signal === undefined ? left.signal : AbortSignal.any([signal, left.signal]);
  // The same request again: starting it twice starts it once.
  const result = work ? relay.run({ ...request, taskId: task.id, signal: stop }) : task.result({ signal: stop });
  // It is awaited below, unless the caller leaves before.
  result.catch(() => {});
  let listening = true;
  try {
    for await (const event of task.watch({ signal: stop })) {
      listening = false;
      yield event;
      listening = true;
      if (event.decision !== "handoff" && (await task.head()).hop === event.hop) break;
    }
  } catch (error) {
    if (!hasCode(error, "TASK_ERASED")) throw error;
  } finally {
    // Whoever called this stopped at a `yield`: nobody waits for the result any more.
    if (!listening) left.abort(new DOMException("the caller stopped listening", "AbortError"));
  }
  return await result;
}
