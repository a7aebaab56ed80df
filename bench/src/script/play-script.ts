import type { Backend, RelayEvent } from "@agenthandoff/core";
import { createScriptedRelay, FIRST_AGENT, type ScriptedRelayOptions, TASK_ID } from "./scripted-relay.js";

type Commit = Extract<RelayEvent, { kind: "committed" }>;

/** Starts a task, and works in one worker until the script's last hop is committed, audited and acknowledged. */
export async function playScript(options: ScriptedRelayOptions): Promise<void> {
  await start(options);
  await workUntil(options, ({ decision }) => decision !== "handoff");
}

/** The same with a worker that knows nothing at each hop: it opens the backend anew, works for one hop, and ends. */
export async function playScriptColdly({
  openBackend,
  ...options
}: Omit<ScriptedRelayOptions, "backend"> & { readonly openBackend: () => Backend }): Promise<void> {
  const withBackend = async <Result>(use: (backend: Backend) => Promise<Result>): Promise<Result> => {
    const backend = openBackend();
    try {
      return await use(backend);
    } finally {
      await backend.close();
    }
  };
  await withBackend((backend) => start({ ...options, backend }));
  let decision = "handoff";
  while (decision === "handoff") {
    ({ decision } = await withBackend((backend) => workUntil({ ...options, backend }, () => true)));
  }
}

async function start(options: ScriptedRelayOptions): Promise<void> {
  await createScriptedRelay(options).start({ to: FIRST_AGENT, taskId: TASK_ID, input: options.script.messagesOf(0) });
}

/** Works until a commit is enough, and what follows that commit is done. */
async function workUntil(options: ScriptedRelayOptions, isEnough: (commit: Commit) => boolean): Promise<Commit> {
  const stop = new AbortController();
  let last: Commit | undefined;
  let failure: unknown;
  const relay = createScriptedRelay({
    ...options,
    observer(event) {
      options.observer?.(event);
      if (event.kind === "worker-error") {
        failure ??= event.error;
        stop.abort();
      }
      if (event.kind !== "committed" || stop.signal.aborted) return;
      last = event;
      // What the worker has received is brought to its end.
      if (isEnough(event)) stop.abort();
    },
  });
  await relay.worker({ signal: stop.signal });
  if (failure !== undefined) throw failure;
  if (last === undefined) throw new Error("the worker ended without a commit");
  await assertNotFailed(options, last);
  return last;
}

async function assertNotFailed(options: ScriptedRelayOptions, { decision }: Commit): Promise<void> {
  if (decision !== "fail") return;
  const context = await createScriptedRelay(options).task(TASK_ID).context();
  throw new Error(`the chain failed at hop ${context.hop}: ${context.reason}`);
}
