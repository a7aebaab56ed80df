import type { Relay } from "@agenthandoff/core";
import { fakeClock, seededRandom } from "@agenthandoff/core/memory";
import { local } from "@agenthandoff/local";
import { crashRelay, whatWasLost } from "../crash/scenario.js";
import { type Facts, factsKey, readFacts } from "./facts.js";
import { askRelay, type RecordedTask } from "./tasks.js";

export interface Recovery {
  /** What was there when the power came back. */
  readonly facts: Facts;
  /** What is wrong with it, or with what became of it. */
  readonly problems: readonly string[];
}

const HOUR = 3_600_000;
const PATIENCE_MS = 12 * HOUR;
const LOOK_MS = 60_000;

/** Goes on where a power cut left off, hours after it, on a clock of its own: everything there must come to its end. */
export async function recover(directory: string, tasks: readonly RecordedTask[], now: number): Promise<Recovery> {
  const clock = fakeClock({ now });
  const random = seededRandom(7);
  // Alone here, it need not look twenty times a second for what other processes did.
  const patient = {
    now: clock.now,
    sleep: (ms: number, signal?: AbortSignal) => clock.sleep(Math.max(ms, LOOK_MS), signal),
  };
  const backend = local({ directory, visibilityMs: 2_000, clock: patient, random });
  const world = { clock, random };
  const crash = crashRelay(backend, async () => {}, undefined, world);
  const ask = askRelay(backend, () => {}, world);
  const relayOf = ({ relayId }: RecordedTask) => (relayId === "ask" ? ask : crash) as Relay;
  const stop = new AbortController();
  const problems: string[] = [];
  const facts = await readFacts(tasks, relayOf);
  for (const { problems: found } of facts.values()) problems.push(...found);

  const present = tasks.filter((task) => (facts.get(factsKey(task))?.hops.length ?? 0) > 0);
  const options = { signal: stop.signal, concurrency: 3, reconcileEveryMs: 600_000 };
  const workers = [crash.worker(options), ask.worker(options)];
  let waiting = present.length;
  for (const task of present) {
    void bringToItsEnd(relayOf(task), task)
      .then((found) => problems.push(...found))
      .catch((error: unknown) => problems.push(`${task.taskId}: ${String(error)}`))
      .finally(() => {
        waiting--;
      });
  }
  for (let waitedMs = 0; waiting > 0 && waitedMs < PATIENCE_MS; waitedMs += LOOK_MS) await clock.advance(LOOK_MS);
  if (waiting > 0) problems.push(`${waiting} tasks have not ended within ${PATIENCE_MS / HOUR} hours`);
  // Intents are closed, and events that are missing appended, within an hour or two.
  await clock.advance(2 * HOUR);
  stop.abort();
  await settled(Promise.all(workers), clock);
  await crash.reconcile({ full: true });
  await ask.reconcile({ full: true });
  for (const relay of [crash, ask]) {
    for await (const { operation, taskId } of backend.audit.intents(relay.id))
      if (operation !== "erase") problems.push(`an intent to ${operation} ${taskId} is left`);
  }
  await backend.close();
  return { facts, problems };
}

/** Does what its people would do, until the task has ended. */
async function bringToItsEnd(relay: Relay, { taskId, assignment, relayId }: RecordedTask): Promise<string[]> {
  const task = relay.task(taskId);
  for (;;) {
    const result = await task.result();
    if (result.status === "erased" || result.status === "canceled") return [];
    if (result.status === "failed") await task.retry({ head: result.head });
    else if (result.status === "waiting") await task.resume({ head: result.head, answer: assignment.seed });
    else {
      const problems: string[] = [];
      if (relayId === "ask" && result.output !== assignment.seed)
        problems.push(`${taskId}: its answer is ${result.output}`);
      const lost = relayId === "crash" ? await whatWasLost(await task.context(), assignment) : undefined;
      if (lost !== undefined) problems.push(`${taskId}: ${lost}`);
      for (const { hop, what } of (await task.verify()).problems)
        problems.push(`${taskId}, at its end, hop ${hop}: ${what}`);
      return problems;
    }
  }
}

async function settled(promise: Promise<unknown>, clock: { advance(ms: number): Promise<void> }): Promise<void> {
  let isDone = false;
  const done = promise.finally(() => {
    isDone = true;
  });
  while (!isDone) await clock.advance(LOOK_MS);
  await done;
}
