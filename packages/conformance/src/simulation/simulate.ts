import { createHash } from "node:crypto";
import { type AuditLog, createRelay as realCreateRelay } from "@agenthandoff/core";
import { seededRandom } from "@agenthandoff/core/memory";
import { checkQuiet } from "./check-quiet.js";
import { checkRun } from "./check-run.js";
import { chooseFaults } from "./choose-faults.js";
import { doDamage } from "./damage.js";
import type { Fault, FaultPlan, Operation } from "./faults.js";
import { sendForgeries } from "./forgeries.js";
import { createInvariants, type Violation } from "./invariants.js";
import { type Operator, runOperators } from "./operators.js";
import { keepReconciling, keepWorkers } from "./population.js";
import { createProcess, type SimulatedProcess } from "./process.js";
import { randomScenario, type Scenario } from "./scenario.js";
import { createScheduler } from "./scheduler.js";
import { createServices, type MemoryDrivers } from "./services.js";
import { createAgents, PRODUCERS_PREFIX, producer, sealCodec } from "./workload.js";
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
  /** That of the newer version, in worlds that have two. Default: the one under test; its agents' code is newer. */
  readonly createNewerRelay?: typeof realCreateRelay;
  /** The drivers under test, which hold the data. Default: this library's. */
  readonly drivers?: MemoryDrivers;
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
  /** How often a worker met what only a newer version understands. */
  readonly notUnderstood: number;
  /** How often damage was found. */
  readonly damaged: number;
  readonly virtualHours: number;
  readonly violations: readonly Violation[];
}

const STANDING_STILL: ReadonlySet<Fault> = new Set(["pause", "slow", "die-waiting"]);
const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const MAX_ATTEMPTS = 3;
/** After faults stop, everything must rest within this. Gaps between re-sends are capped at six hours. */
const PATIENCE_MS = 20 * 24 * HOUR;

/** An outage, or the absence of whoever understands, that lasts longer may use up how often a queue delivers a message. */
const TIRING_MS = 6 * HOUR;

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

  const scenario = options.scenario ?? randomScenario(random, options.seed);
  const services = createServices(scheduler, scenario, options.drivers);
  const { backend } = services;
  const invariants = createInvariants({ relayId: RELAY_ID, audit: backend.audit, now: scheduler.now });
  const faultsEnd = START + scenario.faultsForMs;
  const faults =
    options.faults ??
    chooseFaults({
      kind: scenario.kind,
      // A stream of its own: whatever faults are planned, the rest of the world takes the same chances.
      random: seededRandom(options.seed ^ 0x5f3759df),
      now: scheduler.now,
      from: START,
      to: faultsEnd,
      onFault: (operation, fault) => found.push({ operation, fault }),
    });
  const createRelay = { older: options.createRelay ?? realCreateRelay, newer: options.createNewerRelay };
  const newer = new Set<SimulatedProcess>();

  const world: World = {
    kind: scenario.kind,
    scheduler,
    random,
    invariants,
    plans: new Map(),
    faultsEnd,
    maxAttempts: MAX_ATTEMPTS,
    mayTireQueues: scenario.faultsForMs > TIRING_MS,
    standstills: () => found.filter(({ fault }) => STANDING_STILL.has(fault)).length,
    runsAfter: (taskId, hop) => runs.get(`hop ${taskId} ${hop}`) ?? 0,
    isDeployed: (version) => version === "older" || isNewerDeployed(scenario, scheduler.now() - START),
    spawn(role, version = world.isDeployed("newer") && random.number() < 0.5 ? "newer" : "older") {
      const process = createProcess({
        name: `${role}-${++spawned}${version === "newer" ? "+" : ""}`,
        scheduler,
        random,
        faults,
        backend,
        sendAndLose: services.sendAndLose,
        unreceive: services.unreceive,
        skewMs: (random.number() - 0.5) * 2 * scenario.skewMs,
        nextOperation: () => ++operations,
        async observe(effect) {
          watchDamage(effect);
          forge(effect);
          await invariants.observe(effect);
          if (effect.kind === "put" && effect.answer === "created") callForHelp(world, operators, effect.key);
        },
        trace: tell,
      });
      process.onCrash(() => {
        crashes++;
        newer.delete(process);
      });
      if (version === "newer") newer.add(process);
      const agents = createAgents({
        clock: process.clock,
        isNewer: version === "newer",
        onRun(context, agent, attempt) {
          count(`step ${context.taskId} ${context.step}`);
          count(`hop ${context.taskId} ${context.hop}`);
          tell(`run ${agent} ${context.taskId} ${context.hop}`);
          checkRun(world, services.data, { context, attempt, version });
        },
        onPoison: process.crash,
        runsOf: (taskId, step) => runs.get(`step ${taskId} ${step}`) ?? 0,
      });
      const relay = (createRelay[version] ?? createRelay.older)({
        id: RELAY_ID,
        agents: [...agents, producer],
        acceptUnversioned: { prefix: PRODUCERS_PREFIX },
        ...(version === "newer" && { classes: [sealCodec] }),
        backend: process.backend,
        clock: process.clock,
        random,
        maxAttempts: MAX_ATTEMPTS,
      });
      return { process, relay };
    },
  };

  const watchDamage = doDamage(
    world,
    services,
    scenario.damage,
    options.reconciler !== false && options.fullWalk !== false,
  );
  const forge = sendForgeries(world, services, scenario, options.seed);
  const operators = runOperators(world, scenario.tasks);
  keepWorkers(world, scenario);
  if (options.reconciler !== false) keepReconciling(world, scenario, options.fullWalk !== false, () => isAtRest(world));
  if (scenario.versions !== undefined)
    scheduler.at(START + scenario.versions.rolledBackAtMs, () => {
      for (const process of [...newer]) process.crash();
    });

  await scheduler.run({ until: faultsEnd });
  const resting = await scheduler.run({
    until: faultsEnd + PATIENCE_MS,
    done: () => operators.done() && isAtRest(world),
  });
  if (options.reconciler !== false) {
    if (resting !== "done") reportRestless(world, operators);
    // What remains to be told to the audit, and intents to be closed, is seen to within a day.
    await scheduler.run({ until: scheduler.now() + 26 * HOUR });
    await checkQuiet(world, backend, createRelay.newer ?? createRelay.older);
  }
  const findings = await countFindings(world, backend.audit);
  return {
    seed: options.seed,
    traceHash: trace.digest("hex"),
    operations,
    faults: found,
    crashes,
    tasks: world.plans.size,
    ...findings,
    virtualHours: (scheduler.now() - START) / HOUR,
    violations: invariants.violations,
  };
}

function isNewerDeployed({ versions }: Scenario, atMs: number): boolean {
  if (versions === undefined || atMs < versions.deployedAtMs) return false;
  return atMs < versions.rolledBackAtMs || atMs >= versions.deployedAgainAtMs;
}

async function countFindings(
  { plans }: World,
  audit: AuditLog,
): Promise<Pick<SimulationReport, "notUnderstood" | "damaged">> {
  let [notUnderstood, damaged] = [0, 0];
  // A message that says nothing to its reader belongs to no task.
  for (const taskId of [...plans.keys(), "-"])
    for await (const { kind } of audit.events(RELAY_ID, taskId)) {
      if (kind === "not_understood") notUnderstood++;
      if (kind === "damaged") damaged++;
    }
  return { notUnderstood, damaged };
}

function callForHelp({ invariants }: World, operators: Operator, key: string): void {
  const taskId = key.split("/")[2] ?? "";
  const kind = invariants.chainOf(taskId).at(-1)?.decision.kind;
  if (kind === "wait" || kind === "fail") operators.onParked(taskId);
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
