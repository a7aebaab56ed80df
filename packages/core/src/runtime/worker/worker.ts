import { setMaxListeners } from "node:events";
import { InvalidOptionsError, isBackendError } from "../../errors/index.js";
import type { Delivery } from "../../ports/index.js";
import type { Agent } from "../agent/agent.js";
import type { RelayEnvironment } from "../environment.js";
import { joinSignals } from "../join-signals.js";
import { reconcile } from "../reconcile/reconcile.js";
import { createRunGate } from "../step/run-gate.js";
import type { DeliveryOutcome, StepSetting } from "../step/setting.js";
import { handleObserved } from "./handle-observed.js";

export interface WorkerOptions<Name extends string = string> {
  /** The agents to work for. Default: every agent of the relay that has a `run`. */
  readonly agents?: readonly Name[];
  /** Aborting it stops the worker: it takes nothing new, lets its runs end for the relay's grace, and gives the rest back. */
  readonly signal?: AbortSignal;
  /** Runs at a time. Default: 10. */
  readonly concurrency?: number;
  /** How often to reconcile, in milliseconds, jittered; `false` for never (then run it elsewhere). Default: 60,000. */
  readonly reconcileEveryMs?: number | false;
}

const LONG_POLL_MS = 20_000;
const MAX_BATCH = 10;
/** For how long a queue is left alone that held what this worker does not understand. */
const QUEUE_PAUSE_MS = 10_000;
const MAX_ERROR_PAUSE_MS = 30_000;

/**
 * Works until the signal is aborted, then drains. Never rejects for an outage: it waits and goes on.
 * @throws BackendUnusableError where the backend cannot serve these agents, and no waiting mends that
 */
export async function runWorker(environment: RelayEnvironment, options: WorkerOptions = {}): Promise<void> {
  const { agents, concurrency } = parseWorkerOptions(environment, options);
  // Of the caller's signal the worker listens to one event; its pollers and runs listen to a signal of its own.
  const { signal: stop, release } = joinSignals(...(options.signal === undefined ? [] : [options.signal]));
  const drain = new AbortController();
  // One listener for each poller, and for each run: their number is no leak.
  setMaxListeners(0, stop, drain.signal);
  try {
    await untilUsable(environment, agents, stop);
  } catch (error) {
    release();
    throw error;
  }
  const gate = createRunGate(concurrency);
  const polls = agents.map((agent) => poll({ environment, agent, gate, drain: drain.signal }, stop, agents.length));
  const background = reconcileRegularly(environment, options.reconcileEveryMs ?? 60_000, stop);
  const drained = new AbortController();
  stop.addEventListener("abort", () => void drainAfterGrace(environment, drain, drained.signal), { once: true });
  if (stop.aborted) void drainAfterGrace(environment, drain, drained.signal);
  try {
    await Promise.all([...polls, background]);
  } finally {
    drained.abort();
    release();
  }
}

async function drainAfterGrace(
  environment: RelayEnvironment,
  drain: AbortController,
  drained: AbortSignal,
): Promise<void> {
  await environment.clock.sleep(environment.limits.graceMs, drained).catch(() => {});
  drain.abort("drained");
}

/**
 * What a worker will do, checked.
 * @throws InvalidOptionsError
 */
export function parseWorkerOptions(
  environment: RelayEnvironment,
  options: WorkerOptions,
): { readonly agents: readonly Agent[]; readonly concurrency: number } {
  const { concurrency = 10 } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new InvalidOptionsError("a worker's concurrency must be a positive integer");
  return { agents: agentsOf(environment, options.agents), concurrency };
}

function agentsOf(environment: RelayEnvironment, names: readonly string[] | undefined): Agent[] {
  const chosen =
    names === undefined
      ? [...environment.agents.values()].filter((agent) => agent.run !== undefined)
      : names.map((name) => agentOf(environment, name));
  if (chosen.length === 0)
    throw new InvalidOptionsError("this worker has no agent to work for; give the relay one made with defineAgent");
  return chosen;
}

/** The agent of that name, with its definition. @throws InvalidOptionsError */
export function agentOf(environment: RelayEnvironment, name: string): Agent {
  const agent = environment.agents.get(name);
  if (agent === undefined)
    throw new InvalidOptionsError(
      `this relay has no agent "${name}"; its agents are ${[...environment.agents.keys()].join(", ")}`,
    );
  if (agent.run === undefined)
    throw new InvalidOptionsError(`agent "${name}" is only declared here; a worker needs its definition (defineAgent)`);
  return agent;
}

/** Asks the backend whether it can serve these agents, again and again while the answer is an outage. */
async function untilUsable(environment: RelayEnvironment, agents: readonly Agent[], stop: AbortSignal): Promise<void> {
  const names = agents.map(({ name }) => name);
  for (let failures = 0; !stop.aborted; failures++) {
    try {
      return await environment.backend.check?.(environment.relayId, names);
    } catch (error) {
      if (!isBackendError(error) || !error.retryable) throw error;
      environment.observe({ kind: "worker-error", agent: "backend", error });
      await environment.clock.sleep(errorPause(environment, failures), stop).catch(() => {});
    }
  }
}

/** Longer with each failure in a row; jittered, so that workers do not meet. */
function errorPause(environment: RelayEnvironment, failures: number): number {
  return Math.min(MAX_ERROR_PAUSE_MS, 100 * 2 ** failures) * (0.5 + environment.random.number() / 2);
}

/** Receives for one agent, and handles what comes, until told to stop; resolves when all that it received is settled. */
async function poll(setting: StepSetting, stop: AbortSignal, pollers: number): Promise<void> {
  const { environment, agent, gate } = setting;
  const { transport, visibilityMs } = environment.backend;
  const inFlight = new Set<Promise<void>>();
  let failures = 0;
  let pauseMs = 0;
  let waiting = new AbortController();
  const pause = (): void => {
    pauseMs = QUEUE_PAUSE_MS;
    // Also the wait for messages that is going on: it would take the same message again.
    waiting.abort();
  };
  stop.addEventListener("abort", () => waiting.abort(), { once: true });
  while (!stop.aborted) {
    if (pauseMs > 0) {
      const sleepMs = pauseMs;
      // Before the sleep: what is met meanwhile, in a message received earlier, calls for another.
      pauseMs = 0;
      await environment.clock.sleep(sleepMs, stop).catch(() => {});
      continue;
    }
    waiting = new AbortController();
    const room = await gate.room(stop);
    if (room === 0) break;
    let deliveries: readonly Delivery[] = [];
    try {
      // The other queues' pollers see the same room: each takes its share.
      const max = Math.min(MAX_BATCH, Math.max(1, Math.floor(room / pollers)));
      const options = { max, waitMs: LONG_POLL_MS, visibilityMs, signal: waiting.signal };
      deliveries = await transport.receive({ relayId: environment.relayId, agent: agent.name }, options);
      failures = 0;
    } catch (error) {
      environment.observe({ kind: "worker-error", agent: agent.name, error });
      pauseMs = Math.max(pauseMs, errorPause(environment, failures++));
    }
    const receivedAt = environment.clock.now();
    for (const group of groupsOf(deliveries)) {
      const work = handleInOrder(setting, group, receivedAt, pause).finally(() => inFlight.delete(work));
      inFlight.add(work);
    }
  }
  await Promise.all(inFlight);
}

/** A group's messages are handled one after the other; groups do not wait for each other. */
function groupsOf(deliveries: readonly Delivery[]): readonly (readonly Delivery[])[] {
  const groups = new Map<string, Delivery[]>();
  for (const delivery of deliveries) groups.set(delivery.groupId, [...(groups.get(delivery.groupId) ?? []), delivery]);
  return [...groups.values()];
}

async function handleInOrder(
  setting: StepSetting,
  group: readonly Delivery[],
  receivedAt: number,
  onNotUnderstood: () => void,
): Promise<void> {
  const { environment, agent, gate } = setting;
  const announced = group.map((delivery) => ({ delivery, settle: gate.announce() }));
  let blocked = false;
  for (const { delivery, settle } of announced) {
    try {
      // After one that was given back, its later messages are given back untouched, so that order is kept.
      if (blocked) await delivery.release(0);
      else blocked = isGivenBack(await handleOne(setting, delivery, receivedAt, onNotUnderstood));
    } catch (error) {
      // Given back or not, it comes again.
      blocked = true;
      environment.observe({ kind: "worker-error", agent: agent.name, error });
    } finally {
      settle();
    }
  }
}

async function handleOne(
  setting: StepSetting,
  delivery: Delivery,
  receivedAt: number,
  onNotUnderstood: () => void,
): Promise<DeliveryOutcome["status"]> {
  const { status } = await handleObserved(setting, delivery, receivedAt);
  if (status === "not-understood") onNotUnderstood();
  return status;
}

function isGivenBack(status: DeliveryOutcome["status"]): boolean {
  return status === "released" || status === "not-understood" || status === "damaged";
}

async function reconcileRegularly(
  environment: RelayEnvironment,
  everyMs: number | false,
  stop: AbortSignal,
): Promise<void> {
  if (everyMs === false) return;
  while (!stop.aborted) {
    await environment.clock.sleep(everyMs * (0.5 + environment.random.number()), stop).catch(() => {});
    if (stop.aborted) return;
    await reconcile(environment, { signal: stop }).catch((error: unknown) => {
      if (!stop.aborted) environment.observe({ kind: "worker-error", agent: "reconciler", error });
    });
  }
}
