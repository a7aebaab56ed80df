import type { Backend, Clock, Delivery, TaskQuery, TaskRow } from "../ports/index.js";
import { parseAnyTaskId } from "../protocol/index.js";
import type { Agent } from "./agent/agent.js";
import { type StartRequest, startTask } from "./commands/start.js";
import { createEnvironment } from "./create-environment.js";
import type { RelayEnvironment } from "./environment.js";
import type { RelayLimits, RelayOptions } from "./options.js";
import { type ReconcileOptions, type ReconcileReport, reconcile } from "./reconcile/reconcile.js";
import { type PreparedRun, prepareRun, type RunRequest } from "./step/prepare-run.js";
import type { DeliveryOutcome } from "./step/setting.js";
import type { TaskResult } from "./task/result.js";
import { createTask, type Task } from "./task/task.js";
import { type HandleOptions, handle } from "./worker/handle.js";
import { parseWorkerOptions, runWorker, type WorkerOptions } from "./worker/worker.js";

/** Agents, their routes, and the backend they run on. */
export interface Relay<Name extends string = string> {
  readonly id: string;
  readonly agents: readonly Agent<Name>[];
  /** What it runs on. */
  readonly backend: Backend;
  /** The bounds that it keeps, defaults included. */
  readonly limits: RelayLimits;
  /** What it reads the time by: deadlines are counted by it. */
  readonly clock: Clock;
  /** Accepts a task and returns at once: from here on it cannot be lost. Some worker will do it. */
  start(request: StartRequest<Name>): Promise<Task>;
  /**
   * Starts a task, works in this process until it rests, and returns how.
   * @throws what `start` throws; the signal's reason once it is aborted (the task goes on when somebody works again)
   */
  run(request: StartRequest<Name> & RunOptions): Promise<TaskResult>;
  /** A handle on a task that may or may not exist. @throws InvalidIdError */
  task(taskId: string): Task;
  /** The tasks that the index knows, as it knows them: a hint, the truth is in each task. */
  tasks(query?: TaskQuery): AsyncIterable<TaskRow>;
  /** Works until the signal is aborted. */
  worker(options?: WorkerOptions<Name>): Promise<void>;
  /**
   * Handles one delivery that something else than a worker received, a Lambda's event source say, and resolves to what
   * became of it. A failure of the agent or an outage does not reject: the message is given back.
   * @throws InvalidOptionsError where this relay has no such agent, or only its declaration
   * @throws what no worker foresees, or what kept the message from being given back: it comes again by itself
   */
  handle(delivery: Delivery, options: HandleOptions<Name>): Promise<DeliveryOutcome>;
  /**
   * Makes ready to run an agent for somebody else, who commits what comes of it: a function that is invoked by its relay
   * elsewhere. Reads and verifies the task's chain up to the hop.
   * @throws InvalidOptionsError, TaskNotFoundError, ContextIntegrityError, NotUnderstoodError, TaskErasedError, StoreError
   */
  prepareRun(request: RunRequest<Name>): Promise<PreparedRun>;
  /** Moves on what a crash or a lost message left behind. Workers do this by themselves. */
  reconcile(options?: ReconcileOptions): Promise<ReconcileReport>;
  close(): Promise<void>;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly concurrency?: number;
}

/**
 * Puts a relay together. Reads nothing and starts nothing.
 * @throws InvalidOptionsError naming what is wrong and what to do
 */
export function createRelay<const Agents extends readonly Agent[]>(
  options: RelayOptions<Agents>,
): Relay<Agents[number]["name"]> {
  return createRelayOn(createEnvironment(options as unknown as RelayOptions<readonly Agent[]>)) as Relay<
    Agents[number]["name"]
  >;
}

export function createRelayOn(environment: RelayEnvironment): Relay {
  const { backend, clock, limits, relayId } = environment;
  const relay: Relay = {
    id: relayId,
    agents: [...environment.agents.values()],
    backend,
    limits,
    clock,
    async start(request) {
      return relay.task(await startTask(environment, request));
    },
    async run({ signal: stop, concurrency, ...request }) {
      const workerOptions = concurrency === undefined ? {} : { concurrency };
      // Refused before anything is started.
      parseWorkerOptions(environment, workerOptions);
      const task = await relay.start(request);
      const done = new AbortController();
      const signal = stop === undefined ? done.signal : AbortSignal.any([stop, done.signal]);
      const result = task.result({ signal });
      const worker = relay.worker({ ...workerOptions, signal });
      try {
        // A worker that cannot work must not leave its caller waiting.
        return await Promise.race([result, worker.then(() => result)]);
      } finally {
        done.abort();
        await Promise.allSettled([result, worker]);
      }
    },
    task: (taskId) => createTask(environment, parseAnyTaskId(taskId)),
    tasks: (query) => backend.audit.tasks(relayId, query),
    worker: (workerOptions) => runWorker(environment, workerOptions),
    handle: (delivery, handleOptions) => handle(environment, delivery, handleOptions),
    prepareRun: (request) => prepareRun(environment, request),
    reconcile: (reconcileOptions) => reconcile(environment, reconcileOptions),
    close: () => backend.close(),
  };
  return relay;
}
