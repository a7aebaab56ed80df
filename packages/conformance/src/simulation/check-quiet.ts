import type { AuditEvent, Backend, createRelay } from "@agenthandoff/core";
import { checkStored, countedAttempts } from "./invariants.js";
import { AGENT_NAMES, createAgents, mayFail, type Plan, sealCodec } from "./workload.js";
import { RELAY_ID, type World } from "./world.js";

// What must hold when faults have stopped and everything has come to rest.

export async function checkQuiet(world: World, backend: Backend, createNewestRelay: typeof createRelay): Promise<void> {
  for (const taskId of world.plans.keys()) {
    await checkStored(world.invariants, backend.store, RELAY_ID, taskId);
    await checkAudit(world, backend, taskId);
    await checkVerified(world, backend, taskId, createNewestRelay);
  }
  const intents = [];
  for await (const intent of backend.audit.intents(RELAY_ID)) intents.push(intent);
  for (const intent of intents)
    world.invariants.violate("I4", `an intent to ${intent.operation} ${intent.taskId} was never closed`);
  if (world.mayTireQueues) return;
  // No message is wrong, and neither outages nor older workers may use up how often a queue delivers one.
  for (const agent of AGENT_NAMES)
    for await (const { body, reason } of backend.transport.deadLetters({ relayId: RELAY_ID, agent })) {
      const { task_id: taskId, hop } = JSON.parse(body) as { task_id: string; hop: number };
      world.invariants.violate("dead-letters", `the message of hop ${hop} of ${taskId} is dead: ${reason}`);
    }
}

async function checkAudit(world: World, backend: Backend, taskId: string): Promise<void> {
  const { invariants, plans, maxAttempts } = world;
  const chain = invariants.chainOf(taskId);
  const head = chain.at(-1);
  const events: AuditEvent[] = [];
  for await (const event of backend.audit.events(RELAY_ID, taskId)) events.push(event);
  const told = new Map(
    events.filter((event) => event.kind === "committed").map((event) => [event.hop, event.detail.sha256]),
  );
  for (const handoff of chain)
    if (told.get(handoff.hop) !== handoff.sha256)
      invariants.violate("I8", `the audit does not tell of hop ${handoff.hop} of ${taskId}`);
  for (const hop of told.keys())
    if (hop >= chain.length)
      invariants.violate("I8", `the audit tells of hop ${hop} of ${taskId}, which is not committed`);
  const row = await backend.audit.task(RELAY_ID, taskId);
  if (head !== undefined && row?.headHop !== head.hop)
    invariants.violate("I8", `the row of ${taskId} stands at hop ${row?.headHop}, its head at ${head.hop}`);
  if (row?.damaged && !invariants.isErased(taskId)) invariants.violate("damage", `${taskId} is said to be damaged`);

  for (const handoff of chain) {
    const atHop = events.filter((event) => event.hop === handoff.hop);
    // Beyond the attempts that count: one for each message too many, each stall longer than a lease, each take-back.
    const allowed = maxAttempts + Math.max(0, invariants.messagesOf(taskId, handoff.hop) - 1) + world.standstills();
    const counted = countedAttempts(atHop);
    const runs = world.runsAfter(taskId, handoff.hop);
    const takenBack = atHop.filter((event) => event.kind === "attempt_released").length;
    if (counted > allowed || runs > allowed + takenBack)
      invariants.violate(
        "attempts",
        `hop ${handoff.hop} of ${taskId} was run ${runs} times, of which ${counted} count`,
      );
    const next = chain[handoff.hop + 1];
    const lie = events.find(
      (event) => event.hop === handoff.hop && event.kind === "superseded" && event.detail.attempt === next?.attempt,
    );
    if (lie !== undefined)
      invariants.violate("I8", `the audit says that the run that filled slot ${next?.hop} of ${taskId} was superseded`);

    const lost = atHop.find(({ kind, detail }) => kind === "attempt_failed" && isLostLease(detail.error));
    if (lost !== undefined && world.kind === "calm")
      invariants.violate("I7", `a run of hop ${handoff.hop} of ${taskId} lost its lease, though nothing went wrong`);
    const foreign = atHop.filter(({ kind }) => kind === "not_understood").map(({ detail }) => detail.delivery);
    const charged = atHop.some(({ kind, detail }) => kind === "attempt_started" && foreign.includes(detail.attempt));
    // One that was overtaken by a newer version while it ran was charged rightly.
    if (charged && chain.some(({ hop, newer }) => hop <= handoff.hop && newer))
      invariants.violate("versions", `a delivery of hop ${handoff.hop} of ${taskId} was not understood, and charged`);

    if (next?.decision.kind === "fail" && isWithoutBlame(world, plans.get(taskId)))
      invariants.violate(
        "I11",
        `${taskId} failed at hop ${next.hop}, though only others were in trouble: ${next.decision.reason}`,
      );

    const plan = plans.get(taskId);
    if (next?.decision.kind === "fail" && plan !== undefined && !mayFail(plan) && next.attemptsBefore < maxAttempts) {
      invariants.violate(
        "I11",
        `${taskId} failed at hop ${next.hop} after ${next.attemptsBefore} attempts: ${next.decision.reason}`,
      );
    }
  }
}

/** Whether a task may not fail, however often something goes wrong with the store, or with others in its worker. */
function isWithoutBlame({ kind }: World, plan: Plan | undefined): boolean {
  return (kind === "store-only" || kind === "calm") && plan !== undefined && !mayFail(plan);
}

function isLostLease(error: unknown): boolean {
  return typeof error === "object" && error !== null && "name" in error && error.name === "LeaseLost";
}

/** What a user would ask: is every byte as it was committed? Asked past the simulated faults. */
async function checkVerified(
  { invariants, scheduler }: World,
  backend: Backend,
  taskId: string,
  createNewestRelay: typeof createRelay,
): Promise<void> {
  if (invariants.isErased(taskId) || invariants.chainOf(taskId).length === 0) return;
  const clock = scheduler.clock(0, () => true);
  const agents = createAgents({ clock, isNewer: true, onRun: () => {}, onPoison: () => {}, runsOf: () => 0 });
  const report = await createNewestRelay({ id: RELAY_ID, agents, classes: [sealCodec], backend, clock })
    .task(taskId)
    .verify();
  for (const problem of report.problems) invariants.violate("I6", `${taskId} hop ${problem.hop}: ${problem.what}`);
}
