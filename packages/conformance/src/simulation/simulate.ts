import { createHash } from "node:crypto";
import {
  type OutgoingMessage,
  type QueueAddress,
  type Random,
  createRelay as realCreateRelay,
  type Transport,
} from "@agenthandoff/core";
import { type MemoryData, memory, memoryData, seededRandom } from "@agenthandoff/core/memory";
import { checkQuiet } from "./check-quiet.js";
import { type Fault, type FaultPlan, NO_FAULTS, type Operation, randomFaults } from "./faults.js";
import { createInvariants, type Violation } from "./invariants.js";
import { type Operator, runOperators } from "./operators.js";
import { createProcess } from "./process.js";
import { randomScenario, type Scenario } from "./scenario.js";
import { createScheduler, type Scheduler } from "./scheduler.js";
import { createAgents, type Finding, type Plan, whatIsMissing } from "./workload.js";
import { RELAY_ID, type World } from "./world.js";

export interface SimulationOptions {
  /** Decides everything: the same seed gives the same run, operation by operation. */
  readonly seed: number;
  /** Default: chosen by the seed. */
  readonly scenario?: Scenario;
  /** Default: chosen by the seed, for as long as the scenario says. */
  readonly faults?: FaultPlan;
  /** Whether a reconciler runs. Without one, only safety is checked. Default: true. */
  readonly reconciler?: boolean;
  /** Whether it walks the whole store once a day. Default: true. */
  readonly fullWalk?: boolean;
  /** The relay under test. Default: this library's. */
  readonly createRelay?: typeof realCreateRelay;
  /** Called with each line of the trace. */
  readonly onTrace?: (line: string) => void;
}

export interface SimulationReport {
  readonly seed: number;
  /** Equal for equal runs. */
  readonly traceHash: string;
  readonly operations: number;
  readonly faults: readonly { readonly operation: Operation; readonly fault: Fault }[];
  readonly crashes: number;
  readonly tasks: number;
  readonly virtualHours: number;
  readonly violations: readonly Violation[];
}

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const VISIBILITY_MS = 120_000;
const MAX_ATTEMPTS = 3;
/** After faults stop, everything must rest within this. Gaps between re-sends are capped at six hours. */
const PATIENCE_MS = 20 * 24 * HOUR;

/** Runs the real runtime in a simulated world and reports what should not have happened. */
export async function simulate(options: SimulationOptions): Promise<SimulationReport> {
  const random = seededRandom(options.seed);
  const scheduler = createScheduler(START);
  const trace = createHash("sha256");
  const found: { operation: Operation; fault: Fault }[] = [];
  let [operations, crashes, spawned] = [0, 0, 0];
  const runs = new Map<string, number>();
  const count = (key: string) => runs.set(key, (runs.get(key) ?? 0) + 1);
  const tell = (line: string) => {
    trace.update(`${line}\n`);
    options.onTrace?.(line);
  };

  const data = memoryData();
  const backend = memory({
    data,
    clock: scheduler.clock(0, () => true),
    visibilityMs: VISIBILITY_MS,
    // Longer than any gap between re-sends: a repeated generation would always be dropped.
    deduplicationMs: 48 * HOUR,
  });
  const invariants = createInvariants({ relayId: RELAY_ID, audit: backend.audit, now: scheduler.now });
  const scenario = options.scenario ?? randomScenario(random, options.seed);
  const faultsEnd = START + scenario.faultsForMs;
  // A stream of its own: whatever faults are planned, the rest of the world takes the same chances.
  const faults =
    options.faults ??
    chooseFaults(options.seed, seededRandom(options.seed ^ 0x5f3759df), scheduler, faultsEnd, (operation, fault) =>
      found.push({ operation, fault }),
    );
  const createRelay = options.createRelay ?? realCreateRelay;

  const world: World = {
    scheduler,
    random,
    invariants,
    plans: new Map(),
    faultsEnd,
    maxAttempts: MAX_ATTEMPTS,
    standstills: () => found.filter(({ fault }) => fault === "pause" || fault === "slow").length,
    storeOnly: options.faults === undefined && isStoreOnly(options.seed),
    runsAfter: (taskId, hop) => runs.get(`hop ${taskId} ${hop}`) ?? 0,
    spawn(role) {
      const process = createProcess({
        name: `${role}-${++spawned}`,
        scheduler,
        random,
        faults,
        backend,
        sendAndLose: (queue, message) => sendAndLose(data, backend.transport, queue, message),
        skewMs: (random.number() - 0.5) * 2 * scenario.skewMs,
        nextOperation: () => ++operations,
        observe: invariants.observe,
        trace: tell,
      });
      process.onCrash(() => void crashes++);
      const agents = createAgents({
        clock: process.clock,
        onRun(context, agent) {
          count(`step ${context.taskId} ${context.step}`);
          count(`hop ${context.taskId} ${context.hop}`);
          tell(`run ${agent} ${context.taskId} ${context.hop}`);
          checkContext(
            world,
            context.taskId,
            context.hop,
            context.input as Plan,
            context.outputs() as readonly Finding[],
          );
        },
        onPoison: process.crash,
        runsOf: (taskId, step) => runs.get(`step ${taskId} ${step}`) ?? 0,
      });
      const relay = createRelay({
        id: RELAY_ID,
        agents,
        backend: process.backend,
        clock: process.clock,
        random,
        maxAttempts: MAX_ATTEMPTS,
      });
      return { process, relay };
    },
  };

  const operators = runOperators(world, scenario.tasks);
  keepWorkers(world, scenario.workers);
  if (options.reconciler !== false) keepReconciling(world, options.fullWalk !== false);

  await scheduler.run({ until: faultsEnd });
  const resting = await scheduler.run({
    until: faultsEnd + PATIENCE_MS,
    done: () => operators.done() && isAtRest(world),
  });
  if (options.reconciler !== false) {
    if (resting !== "done") reportRestless(world, operators);
    // What remains to be told to the audit, and intents to be closed, is seen to within a day.
    await scheduler.run({ until: scheduler.now() + 26 * HOUR });
    await checkQuiet(world, backend);
  }
  return {
    seed: options.seed,
    traceHash: trace.digest("hex"),
    operations,
    faults: found,
    crashes,
    tasks: world.plans.size,
    virtualHours: (scheduler.now() - START) / HOUR,
    violations: invariants.violations,
  };
}

/** Whether a seed's world has a store that fails, and no other fault. */
function isStoreOnly(seed: number): boolean {
  return seed % 10 === 0;
}

function chooseFaults(
  seed: number,
  random: Random,
  scheduler: Scheduler,
  faultsEnd: number,
  onFault: (operation: Operation, fault: Fault) => void,
): FaultPlan {
  if (random.number() < 0.03) return NO_FAULTS;
  const span = faultsEnd - START;
  // In some worlds nothing but the store fails, and then it may cost nobody an attempt.
  const storeOnly = isStoreOnly(seed);
  const parts = storeOnly ? (["store"] as const) : (["store", "queue", "audit"] as const);
  const outages = Array.from({ length: Math.floor(random.number() * 3) }, () => {
    const from = START + random.number() * span;
    const part = parts[Math.floor(random.number() * parts.length)] ?? "store";
    return { part, from, to: Math.min(faultsEnd, from + random.number() * (random.number() < 0.5 ? HOUR : span)) };
  });
  return randomFaults({
    random,
    until: () => scheduler.now() >= faultsEnd,
    oneIn: 4 * 60 ** random.number(),
    outages,
    ...(storeOnly && { only: { part: "store", fault: "fail" } as const }),
    onFault,
  });
}

/** The queue has accepted the message, and remembers its deduplication id, but nobody will ever receive it. */
async function sendAndLose(
  data: MemoryData,
  transport: Transport,
  queue: QueueAddress,
  message: OutgoingMessage,
): Promise<void> {
  const accepted = data.messageCount;
  const sent = transport.send(queue, message);
  // At once, before a waiting receiver runs.
  for (let id = accepted + 1; id <= data.messageCount; id++)
    for (const { messages } of data.queues.values()) messages.delete(String(id));
  await sent;
}

/** A worker that dies is followed by another. */
function keepWorkers({ scheduler, random, spawn }: World, count: number): void {
  const employ = () => {
    const { process, relay } = spawn("worker");
    process.onCrash(() => scheduler.at(scheduler.now() + random.number() * 300_000, employ));
    void relay.worker({ reconcileEveryMs: false, concurrency: 3 });
  };
  for (let index = 0; index < count; index++) employ();
}

function keepReconciling({ scheduler, spawn }: World, fullWalk: boolean): void {
  let rounds = 0;
  let lasting = spawn("reconciler");
  const round = () => {
    if (!lasting.process.alive) lasting = spawn("reconciler");
    // As a worker has one, which remembers what it saw, and as a schedule starts one, which knows nothing.
    const { relay } = ++rounds % 2 === 0 ? lasting : spawn("reconciler");
    const full = fullWalk && rounds % 72 === 0;
    // One that fails or dies is followed by the next.
    relay.reconcile({ full }).catch(() => {});
    scheduler.at(scheduler.now() + 20 * 60_000, round);
  };
  scheduler.at(scheduler.now() + 20 * 60_000, round);
}

/** Whether every task is parked or final. */
function isAtRest({ invariants, plans }: World): boolean {
  for (const taskId of plans.keys()) if (invariants.chainOf(taskId).at(-1)?.decision.kind === "handoff") return false;
  return true;
}

function reportRestless({ invariants, plans }: World, operators: Operator): void {
  for (const taskId of plans.keys()) {
    const head = invariants.chainOf(taskId).at(-1);
    if (head?.decision.kind === "handoff")
      invariants.violate("I11", `${taskId} still runs, at hop ${head.hop}, long after the faults stopped`);
  }
  if (!operators.done()) invariants.violate("I11", "an operator's call has not ended long after the faults stopped");
}

function checkContext(
  { invariants }: World,
  taskId: string,
  hop: number,
  plan: Plan,
  findings: readonly Finding[],
): void {
  const committed = invariants
    .chainOf(taskId)
    .filter((handoff) => handoff.hop <= hop && handoff.attempt !== null && handoff.decision.kind === "handoff");
  if (findings.length !== committed.length)
    invariants.violate(
      "I12",
      `the agent after hop ${hop} of ${taskId} received ${findings.length} findings of ${committed.length}`,
    );
  const missing = whatIsMissing(plan, findings);
  if (missing !== undefined) invariants.violate("I12", `${taskId}, hop ${hop}: ${missing}`);
}
