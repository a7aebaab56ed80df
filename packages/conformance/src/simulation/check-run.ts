import type { Context } from "@agenthandoff/core";
import type { MemoryData } from "@agenthandoff/core/memory";
import { type Finding, type Plan, whatIsMissing } from "./workload.js";
import { RELAY_ID, type Version, type World } from "./world.js";

/** A run that begins. */
export interface Run {
  readonly context: Context;
  /** The delivery under which it runs. */
  readonly attempt: string;
  readonly version: Version;
}

/** What must hold in the moment in which an agent begins to run. */
export function checkRun(world: World, data: MemoryData, { context, attempt, version }: Run): void {
  const { invariants } = world;
  const { taskId, hop } = context;
  const plan = context.input as Plan;
  const findings = context.outputs() as readonly Finding[];
  const before = invariants.chainOf(taskId).filter((handoff) => handoff.hop <= hop);
  const learned = before.filter((handoff) => handoff.attempt !== null && handoff.decision.kind === "handoff");
  if (findings.length !== learned.length)
    invariants.violate(
      "I12",
      `the agent after hop ${hop} of ${taskId} received ${findings.length} findings of ${learned.length}`,
    );
  const missing = whatIsMissing(plan, findings);
  if (missing !== undefined) invariants.violate("I12", `${taskId}, hop ${hop}: ${missing}`);

  const message = invariants.deliveryOf(attempt);
  const slot = before.find((handoff) => handoff.hop === hop);
  // The second alone may know what became of a slot that somebody removed.
  if (message?.passed && world.kind !== "damage")
    invariants.violate(
      "repeats",
      `hop ${hop} of ${taskId} was run by a message that came after slot ${hop + 1} was filled`,
    );
  const isSlots =
    slot?.decision.kind === "handoff" &&
    message?.hop === hop &&
    message.toAgent === slot.decision.to &&
    message.handoffSha256 === slot.sha256;
  if (!isSlots)
    invariants.violate("envelopes", `hop ${hop} of ${taskId} was run by a message that its slot does not bear out`);

  const events = [...(data.tasks.get(RELAY_ID)?.get(taskId)?.events.values() ?? [])];
  const told = (kind: string) => events.some((event) => event.kind === kind && event.detail.attempt === attempt);
  if (!told("attempt_started"))
    invariants.violate("attempts", `hop ${hop} of ${taskId} began to run, and the audit tells of no such attempt`);

  if (version === "older" && before.some((handoff) => handoff.newer))
    invariants.violate("versions", `hop ${hop} of ${taskId} was run by a version that does not understand it`);
}
