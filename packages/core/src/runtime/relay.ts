import { createCodec } from "../codec/index.js";
import { InvalidOptionsError } from "../errors/index.js";
import { systemClock, systemRandom, type TaskQuery, type TaskRow } from "../ports/index.js";
import { createKeys, parseAnyTaskId } from "../protocol/index.js";
import type { Agent } from "./agent/agent.js";
import { createChainCache } from "./chain/chain-cache.js";
import { createChanges } from "./changes.js";
import { type StartRequest, startTask } from "./commands/start.js";
import type { RelayEnvironment } from "./environment.js";
import { parseRelayOptions, type RelayOptions } from "./options.js";
import { type ReconcileOptions, type ReconcileReport, reconcile } from "./reconcile/reconcile.js";
import type { TaskResult } from "./task/result.js";
import { createTask, type Task } from "./task/task.js";
import { runWorker, type WorkerOptions } from "./worker/worker.js";

/** Agents, their routes, and the backend they run on. */
export interface Relay<Name extends string = string> {
  readonly id: string;
  readonly agents: readonly Agent<Name>[];
  /** Accepts a task and returns at once: from here on it cannot be lost. Some worker will do it. */
  start(request: StartRequest<Name>): Promise<Task>;
  /** Starts a task, works in this process until it rests, and returns how. */
  run(request: StartRequest<Name> & RunOptions): Promise<TaskResult>;
  /** A handle on a task that may or may not exist. @throws InvalidIdError */
  task(taskId: string): Task;
  /** The tasks that the index knows, as it knows them: a hint, the truth is in each task. */
  tasks(query?: TaskQuery): AsyncIterable<TaskRow>;
  /** Works until the signal is aborted. */
  worker(options?: WorkerOptions<Name>): Promise<void>;
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
  const environment = createEnvironment(options as unknown as RelayOptions<readonly Agent[]>);
  const { backend, relayId } = environment;
  const relay: Relay = {
    id: relayId,
    agents: [...environment.agents.values()],
    async start(request) {
      return relay.task(await startTask(environment, request));
    },
    async run({ signal, concurrency, ...request }) {
      const task = await relay.start(request);
      const stop = new AbortController();
      const worker = relay.worker({
        signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
        ...(concurrency !== undefined && { concurrency }),
      });
      try {
        // A worker that cannot work must not leave its caller waiting.
        return await Promise.race([
          task.result(signal === undefined ? {} : { signal }),
          worker.then(() => task.result({ signal: AbortSignal.abort() })),
        ]);
      } finally {
        stop.abort();
        await worker;
      }
    },
    task: (taskId) => createTask(environment, parseAnyTaskId(taskId)),
    tasks: (query) => backend.audit.tasks(relayId, query),
    worker: (workerOptions) => runWorker(environment, workerOptions),
    reconcile: (reconcileOptions) => reconcile(environment, reconcileOptions),
    close: () => backend.close(),
  };
  return relay as Relay<Agents[number]["name"]>;
}

function createEnvironment(options: RelayOptions<readonly Agent[]>): RelayEnvironment {
  const { limits, versions } = parseRelayOptions(options);
  const agents: readonly Agent[] = options.agents;
  const classes = new Set([...(options.classes ?? []), ...agents.flatMap((agent) => agent.classes ?? [])]);
  const { backend, observer, redact } = options;
  const prefix = backend.prefix ?? "";
  if (prefix !== "" && !prefix.endsWith("/")) throw new InvalidOptionsError('a backend\'s prefix must end with "/"');
  return {
    relayId: options.id,
    agents: new Map(agents.map((agent) => [agent.name, agent])),
    backend,
    keys: createKeys({ relayId: options.id, prefix }),
    codec: createCodec({ classes: [...classes], blobThreshold: limits.blobThresholdBytes }),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    limits,
    versions,
    redact,
    chains: createChainCache(limits.cacheBytes),
    changes: createChanges(),
    observe: (event) => observer?.(event),
  };
}
