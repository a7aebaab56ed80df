import { seededRandom } from "../../memory/index.js";
import type { Random } from "../../ports/index.js";
import { isFinal, sha256, stateAfter } from "../../protocol/index.js";
import type { Turn } from "../agent/turn.js";
import { readToHead } from "../chain/head.js";
import { headOf } from "../chain/task-chain.js";
import { type Bed, createBed } from "./bed.js";
import { scriptedAgent } from "./scripted-agent.js";

export interface SimulationReport {
  readonly tasks: number;
  readonly hops: number;
  readonly crashes: number;
  readonly faults: number;
  readonly runs: number;
  /** Virtual milliseconds from the end of all faults until everything rested. */
  readonly quietAfterMs: number;
}

const NAMES = ["a", "b", "c"];
const MINUTE = 60_000;

/**
 * Two workers and an operator on one backend, with failing, slow and lost calls and crashes; then the faults stop, and
 * everything must come to rest. Throws at the first invariant that does not hold.
 */
export async function simulate(seed: number): Promise<SimulationReport> {
  const random = seededRandom(seed);
  const chance = (probability: number) => random.number() < probability;
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.number() * items.length)] as T;
  const produced = new Map<string, unknown>();
  const count = { crashes: 0, faults: 0, runs: 0 };

  const agents = NAMES.map((name) =>
    scriptedAgent(name, (turn) => act(turn, random, produced, count), { handsTo: NAMES, deadlineMs: 2 * MINUTE }),
  );
  const observer = createBed({ agents, seed });
  const slots = new Map<string, string>();
  let faulty = true;

  /** A process whose calls go wrong while faults last. */
  function createProcess(): Bed {
    const bed = observer.another({ graceMs: 1_000 });
    bed.intercept = async (call) => {
      if (!faulty) return;
      if (chance(0.2)) await bed.clock.sleep(Math.floor(random.number() * (chance(0.05) ? 30_000 : 300)));
      if (!chance(0.06)) return;
      count.faults++;
      bed.fail(call, chance(0.5) ? "before" : "after");
    };
    return bed;
  }

  const workers: { bed: Bed; stop: AbortController; done: Promise<void> }[] = [];
  function spawnWorker(): void {
    const bed = createProcess();
    const stop = new AbortController();
    const done = bed.relay.worker({ signal: stop.signal, concurrency: 3, reconcileEveryMs: MINUTE }).catch(() => {});
    workers.push({ bed, stop, done });
  }
  spawnWorker();
  spawnWorker();

  const taskIds = Array.from({ length: 4 }, (_, index) => `t${index}`);
  const calls: Promise<unknown>[] = [];
  const answers = new Map<string, number>();

  /** An operator's next call, from a process that may die in the middle of it. */
  function operate(): void {
    const bed = createProcess();
    const taskId = pick(taskIds);
    const task = bed.relay.task(taskId);
    const call = async (): Promise<void> => {
      if (chance(0.5)) return void (await bed.relay.start({ to: "a", taskId, input: { taskId } }));
      if (chance(0.1)) return void (await task.cancel({ by: "operator" }));
      const { head, state } = await task.head();
      if (state === "failed") await task.retry({ head });
      if (state === "waiting") {
        const requestId = `answer-${answers.size}`;
        answers.set(requestId, 0);
        for (let repeats = 0; repeats < 2; repeats++) await task.resume({ head, answer: requestId, requestId });
      }
    };
    calls.push(call().catch(() => {}));
    if (chance(0.2)) {
      count.crashes++;
      void bed.clock.sleep(random.number() * 500).then(() => bed.die());
    }
  }

  for (let step = 0; step < 150; step++) {
    if (chance(0.3)) operate();
    if (chance(0.06)) {
      count.crashes++;
      workers.shift()?.bed.die();
      spawnWorker();
    }
    await observer.clock.advance(Math.floor(random.number() * 4_000));
    checkSlots(observer, slots);
    await checkLiveness(observer, taskIds);
  }

  faulty = false;
  const from = observer.clock.now();
  for (const taskId of taskIds)
    await observer.settled(
      createProcess()
        .relay.start({ to: "a", taskId, input: { taskId } })
        .catch(() => {}),
    );
  while ((await running(observer, taskIds)).length > 0 || (await observer.intents()).length > 0) {
    await observer.clock.advance(5 * MINUTE);
    checkSlots(observer, slots);
    if (observer.clock.now() - from > 48 * 60 * MINUTE)
      throw new Error(`I11: not quiet after two days: ${(await running(observer, taskIds)).join(", ")}`);
  }
  const quietAfterMs = observer.clock.now() - from;
  const hops = await checkAtRest(observer, taskIds, answers);
  for (const { stop } of workers) stop.abort();
  await observer.clock.advance(MINUTE);
  return { tasks: taskIds.length, hops, ...count, quietAfterMs };
}

/** What an agent does: it checks that its context is what earlier runs produced, and goes on somehow. */
function act(turn: Turn, random: Random, produced: Map<string, unknown>, count: { runs: number }): unknown {
  count.runs++;
  const { context } = turn;
  for (const { hop, attempt, fromAgent, decision } of context.handoffs) {
    if (fromAgent === null || attempt === null || decision.kind === "fail") continue;
    const outputs = context.entries.filter((entry) => entry.hop === hop && entry.kind === "output");
    const expected = produced.get(`${context.taskId}/${attempt}`);
    if (JSON.stringify(outputs.map(({ value }) => value)) !== JSON.stringify([expected]))
      throw new Error(`I12: hop ${hop} of ${context.taskId} is not what its run produced`);
  }
  const output = { from: turn.attempt.id, dice: random.number() };
  produced.set(`${context.taskId}/${turn.attempt.id}`, output);
  const dice = random.number();
  if (dice < 0.15) throw new Error("bad luck");
  if (dice < 0.18) return turn.fail({ reason: "gives up", output });
  if (dice < 0.25) return turn.wait({ question: "go on?", output });
  if (context.hop > 8 || dice < 0.3) return turn.complete({ output });
  return turn.handoff(NAMES[Math.floor(random.number() * NAMES.length)] ?? "a", { output });
}

/** I1: a filled slot's bytes never change. I2: no slot is filled before the one below it. */
function checkSlots(bed: Bed, known: Map<string, string>): void {
  for (const [key, { bytes }] of bed.data.objects) {
    const slot = bed.environment.keys.parseSlot(key);
    if (slot === undefined) continue;
    const hash = sha256(bytes);
    if (known.has(key) && known.get(key) !== hash) throw new Error(`I1: ${key} has changed`);
    known.set(key, hash);
    if (slot.hop > 0 && !bed.data.objects.has(bed.environment.keys.slot(slot.taskId, slot.hop - 1)))
      throw new Error(`I2: ${key} is filled above an empty slot`);
  }
}

/** I3 and I4: whoever could move a running task on still exists: a message for its last two hops, or an intent. */
async function checkLiveness(bed: Bed, taskIds: readonly string[]): Promise<void> {
  const intents = await bed.intents();
  const messages = [...bed.data.queues.values()].flatMap((queue) => [
    ...queue.messages.values(),
    ...queue.dead.values(),
  ]);
  for (const taskId of await running(bed, taskIds)) {
    if (intents.some((intent) => intent.taskId === taskId)) continue;
    const { hop } = await bed.head(taskId);
    const alive = messages.some(({ body }) => {
      const envelope = JSON.parse(body) as { task_id: string; hop: number };
      return envelope.task_id === taskId && envelope.hop >= hop - 1;
    });
    if (!alive) throw new Error(`I3: nothing moves ${taskId} on from hop ${hop}`);
    const row = await bed.row(taskId);
    if (row?.status !== "running") throw new Error(`I4: ${taskId} runs, yet its row says ${row?.status}`);
  }
}

async function running(bed: Bed, taskIds: readonly string[]): Promise<readonly string[]> {
  const open: string[] = [];
  for (const taskId of taskIds) {
    if (!bed.data.objects.has(bed.slotKey(taskId, 0))) continue;
    if (stateAfter((await bed.head(taskId)).decision) === "running") open.push(taskId);
  }
  return open;
}

/** I2, I6, I8, I9 and I13, when all is quiet: resolves to how many hops there are. */
async function checkAtRest(
  bed: Bed,
  taskIds: readonly string[],
  answers: ReadonlyMap<string, number>,
): Promise<number> {
  let hops = 0;
  for (const taskId of taskIds) {
    const { ok, problems } = await bed.relay.task(taskId).verify();
    if (!ok) throw new Error(`I2, I6, I8 or I9: ${taskId}: ${JSON.stringify(problems)}`);
    const chain = await readToHead(bed.environment, taskId, { fresh: true });
    hops += chain.handoffs.length;
    if (chain.handoffs.slice(0, -1).some(({ record }) => isFinal(record.decision)))
      throw new Error(`I9: ${taskId} goes on after its end`);
    for (const requestId of answers.keys())
      if (chain.handoffs.filter(({ record }) => record.requestId === requestId).length > 1)
        throw new Error(`I13: ${requestId} was applied twice`);
    const { decision } = headOf(chain).record;
    const row = await bed.row(taskId);
    if (row?.status !== stateAfter(decision)) throw new Error(`I8: the row of ${taskId} says ${row?.status}`);
    if (decision.kind === "fail" && decision.reason === "") throw new Error(`I13: ${taskId} has forgotten its reason`);
  }
  return hops;
}
