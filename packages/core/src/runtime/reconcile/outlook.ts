import type { TaskRow } from "../../ports/index.js";
import { taskDeadline } from "../../protocol/index.js";
import { ownHandoff } from "../chain/commit.js";
import type { RelayEnvironment } from "../environment.js";
import { deliveryMs, silenceBefore } from "./resend.js";

/**
 * What one process knows of when running tasks may need the reconciler, by their ids. To look at a task is to read its
 * whole chain, so a backlog of thousands must not be looked at over and over while nothing in it can be due.
 */
export type Outlook = Map<string, TaskOutlook>;

interface TaskOutlook {
  /** No deadline of the task passes before this instant: parking, answering and retrying only move it further away. */
  readonly deadlineAt: number;
  /** When the last look said that another is due, which holds while the task's head stays where it was. */
  readonly look?: { readonly headHop: number; readonly againAt: number };
}

/** Whether the reconciler may find something to do in a task that the index lists as running. */
export async function mayBeDue(environment: RelayEnvironment, row: TaskRow): Promise<boolean> {
  const { outlook, clock } = environment;
  const { taskId, headHop, updatedAt } = row;
  const known = outlook.get(taskId) ?? { deadlineAt: await readDeadline(environment, taskId) };
  outlook.set(taskId, known);
  const now = clock.now();
  if (now >= known.deadlineAt) return true;
  if (known.look?.headHop === headHop) return now >= known.look.againAt;
  return now > Date.parse(updatedAt) + firstSilenceMs(environment, row.agent);
}

/** What a look at a running task found: its head, and the instants at which it is due for a re-send and for its end. */
export interface Prospect {
  readonly headHop: number;
  readonly agent: string | null;
  readonly resendAt: number;
  readonly deadlineAt: number;
}

export function rememberProspect(environment: RelayEnvironment, taskId: string, prospect: Prospect): void {
  const { headHop, agent, resendAt, deadlineAt } = prospect;
  // However far away the next re-send: what nobody told the index, or damage, is found within one silence.
  const againAt = Math.min(resendAt, environment.clock.now() + firstSilenceMs(environment, agent));
  environment.outlook.set(taskId, { deadlineAt, look: { headHop, againAt } });
}

/** How long a task must be silent before there is any reason to send its envelope again. */
function firstSilenceMs(environment: RelayEnvironment, agent: string | null): number {
  return silenceBefore(1, deliveryMs(environment, agent));
}

/** From the first slot alone: the deadline of a task that was never parked, and no later than it of any other. */
async function readDeadline({ backend, keys }: RelayEnvironment, taskId: string): Promise<number> {
  const bytes = await backend.store.get(keys.slot(taskId, 0));
  try {
    if (bytes !== undefined) return taskDeadline([ownHandoff(bytes, taskId, 0).record]) ?? Number.POSITIVE_INFINITY;
  } catch {
    // A look at the whole task tells what is wrong with it.
  }
  return Number.NEGATIVE_INFINITY;
}
