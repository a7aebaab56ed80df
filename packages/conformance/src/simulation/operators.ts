import { createHash } from "node:crypto";
import type { Backend } from "@agenthandoff/core";
import type { TaskScript } from "./scenario.js";
import { PRODUCER, PRODUCERS_PREFIX } from "./workload.js";
import { RELAY_ID, type World, type WorldRelay } from "./world.js";

/** The people and programs outside: they start tasks, answer, retry, cancel and erase, at any moment. */
export interface Operator {
  /** Whether nobody waits for a call, and nobody will make another. */
  done(): boolean;
  /** Told that a task now waits or has failed: somebody may be watching it. */
  onParked(taskId: string): void;
}

/** A task that always fails is not retried for ever. */
const MAX_CALLS_FOR_HELP = 6;

export function runOperators(world: World, scripts: readonly TaskScript[]): Operator {
  const { scheduler, random } = world;
  const start = scheduler.now();
  let open = 0;
  let requests = 0;

  /** Does something in a process of its own; one that fails or dies is tried again, as a patient caller would. */
  function call(role: string, act: (relay: WorldRelay, backend: Backend) => Promise<void>, patient: boolean): void {
    open++;
    const attempt = () => {
      const { process, relay } = world.spawn(role);
      let over = false;
      const end = (again: boolean) => {
        if (over) return;
        over = true;
        // An impatient caller may give up: its task may or may not exist, but if it does it must end.
        if (again && (patient || random.number() < 0.5))
          scheduler.at(scheduler.now() + random.number() * 600_000, attempt);
        else open--;
      };
      process.onCrash(() => end(true));
      act(relay, process.backend).then(
        () => end(false),
        (error: unknown) => end(isPassing(error)),
      );
    };
    attempt();
  }

  for (const script of scripts) {
    scheduler.at(start + script.startAtMs, () => {
      world.plans.set(script.taskId, script.plan);
      if (script.byProducer) call("producer", (_relay, backend) => handOver(backend, script), script.patient);
      else call("starter", (relay) => startTask(world, relay, script), script.patient);
    });
    for (const visitAtMs of script.visitsAtMs) visitLater(script, start + visitAtMs);
  }
  const calledFor = new Map<string, number>();

  return {
    done: () => open === 0 && world.plans.size === scripts.length,
    onParked(taskId) {
      const script = scripts.find((each) => each.taskId === taskId);
      const times = calledFor.get(taskId) ?? 0;
      if (script?.watched !== true || times >= MAX_CALLS_FOR_HELP) return;
      calledFor.set(taskId, times + 1);
      visitLater(script, scheduler.now() + random.number() * 300_000);
    },
  };

  function visitLater(script: TaskScript, instant: number): void {
    open++;
    scheduler.at(instant, () => {
      open--;
      const visit = visitor(script, `request-${++requests}`);
      if (visit !== undefined) call("operator", visit, true);
    });
  }

  /** What an operator who looks at a task now will ask for, if anything. */
  function visitor(script: TaskScript, requestId: string): ((relay: WorldRelay) => Promise<void>) | undefined {
    // Chosen once: a caller that tries again asks for the same thing.
    const chance = script.orderly ? 1 : random.number();
    const looksBack = !script.orderly && random.number() < 0.15;
    const visit = { requestId, chance, looksBack, seen: new Set<string>() };
    if (wishOf(world, script.taskId, visit) === undefined) return undefined;
    return (relay) => visitTask(world, relay, script.taskId, visit);
  }
}

async function startTask(world: World, relay: WorldRelay, { taskId, plan }: TaskScript): Promise<void> {
  await relay.start({ to: plan.first, input: plan, taskId });
  if (world.invariants.chainOf(taskId).length === 0)
    world.invariants.violate("I5", `start of ${taskId} returned, and slot 0 is empty`);
}

/** As a program in another language starts a task: an object, then a message of three fields. */
async function handOver({ store, transport }: Backend, { taskId, plan }: TaskScript): Promise<void> {
  const key = `${PRODUCERS_PREFIX}${PRODUCER}/${taskId}.json`;
  await store.putIfAbsent(key, Buffer.from(JSON.stringify(plan)));
  const body = JSON.stringify({ from_agent: PRODUCER, context_s3_key: key, task_id: taskId });
  const deduplicationId = createHash("sha256").update(key).digest("hex");
  await transport.send({ relayId: RELAY_ID, agent: plan.first }, { body, groupId: taskId, deduplicationId });
}

interface Visit {
  readonly requestId: string;
  /** Decides what is asked for. */
  readonly chance: number;
  /** Whether the operator acts by an older view. */
  readonly looksBack: boolean;
  /** The heads by which it was asked for: a caller that tries again may see a later one. */
  readonly seen: Set<string>;
}

interface Wish {
  readonly wish: "cancel" | "erase" | "resume" | "retry";
  readonly head: string;
}

/** Mostly what fits the task's state, sometimes anything, sometimes by the view of an earlier question or failure. */
function wishOf({ invariants, kind }: World, taskId: string, { chance, looksBack }: Visit): Wish | undefined {
  const chain = invariants.chainOf(taskId);
  const earlier = chain.slice(0, -1).findLast(({ decision }) => decision.kind === "wait" || decision.kind === "fail");
  const head = looksBack ? (earlier ?? chain.at(-1)) : chain.at(-1);
  if (head === undefined) return undefined;
  const { sha256, decision } = head;
  if (chance < 0.04) return { wish: "cancel", head: sha256 };
  if (chance < 0.06 && kind !== "damage") return { wish: "erase", head: sha256 };
  if (chance < 0.1) return { wish: decision.kind === "wait" ? "retry" : "resume", head: sha256 };
  if (decision.kind === "wait") return { wish: "resume", head: sha256 };
  return decision.kind === "fail" ? { wish: "retry", head: sha256 } : undefined;
}

/** Looks at a task and does what somebody might. */
async function visitTask(world: World, relay: WorldRelay, taskId: string, visit: Visit): Promise<void> {
  const { invariants, scheduler } = world;
  const { requestId } = visit;
  const wish = wishOf(world, taskId, visit);
  if (wish === undefined) return;
  const task = relay.task(taskId);
  const { head } = wish;
  visit.seen.add(head);
  try {
    switch (wish.wish) {
      case "cancel":
        await task.cancel({ by: "operator", requestId });
        break;
      case "erase":
        invariants.allowErasure(taskId);
        await task.erase({ by: "operator" });
        break;
      case "resume": {
        const answer = { at: new Date(scheduler.now()), requestId };
        await task.resume({ head, answer, by: "operator", requestId });
        expectApplied(world, taskId, visit, "an answer");
        break;
      }
      case "retry":
        await task.retry({ head, by: "operator", requestId });
        expectApplied(world, taskId, visit, "a retry");
    }
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}

function expectApplied({ invariants }: World, taskId: string, { requestId, seen }: Visit, what: string): void {
  if (invariants.isErased(taskId)) return;
  const applied = invariants.chainOf(taskId).filter((handoff) => handoff.requestId === requestId);
  if (applied.length !== 1)
    invariants.violate("I13", `${what} to ${taskId} was accepted and applied ${applied.length} times`);
  if (applied[0] !== undefined && !seen.has(applied[0].previous ?? ""))
    invariants.violate("I13", `${what} to ${taskId} was applied to another head than its operator had seen`);
}

const REFUSALS: ReadonlySet<unknown> = new Set(["HEAD_MOVED", "INVALID_TRANSITION", "TASK_NOT_FOUND", "TASK_ERASED"]);

function isRefusal(error: unknown): boolean {
  return REFUSALS.has((error as { code?: unknown }).code);
}

/** What another try may do better: later, or by a newer version. Anything else would be an error of the library. */
const PASSING: ReadonlySet<unknown> = new Set(["STORE", "TRANSPORT", "AUDIT", "CONTEXT_INTEGRITY", "NOT_UNDERSTOOD"]);

function isPassing(error: unknown): boolean {
  return PASSING.has((error as { code?: unknown }).code);
}
