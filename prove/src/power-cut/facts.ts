import { hasCode, type Relay } from "@agenthandoff/core";
import type { Message } from "./copies.js";
import type { Report } from "./report.js";
import type { RecordedTask } from "./tasks.js";

/** What the store and the audit log hold of one task. */
export interface TaskFacts {
  /** Of each hop, the first first. Empty where nothing is. */
  readonly hops: readonly { readonly sha256: string; readonly commitId: string; readonly decision: string }[];
  readonly isErased: boolean;
  /** Ids of the events in the audit log. */
  readonly events: ReadonlySet<string>;
  /** Hops whose commit the audit log tells of, with the hash it tells. */
  readonly told: ReadonlyMap<number, string>;
  /** What must never be. */
  readonly problems: readonly string[];
}

export type Facts = ReadonlyMap<string, TaskFacts>;

export const factsKey = ({ relayId, taskId }: { readonly relayId: string; readonly taskId: string }): string =>
  `${relayId}/${taskId}`;

export async function readFacts(
  tasks: readonly RecordedTask[],
  relayOf: (task: RecordedTask) => Relay,
): Promise<Facts> {
  const facts = new Map<string, TaskFacts>();
  for (const task of tasks) facts.set(factsKey(task), await readTask(relayOf(task), task.taskId));
  return facts;
}

async function readTask(relay: Relay, taskId: string): Promise<TaskFacts> {
  const task = relay.task(taskId);
  const audit = await task.audit();
  const events = new Set(audit.map(({ id }) => id));
  const committed = audit.filter(({ kind }) => kind === "committed");
  const told = new Map(committed.map(({ hop, detail }) => [hop, String(detail.sha256)]));
  const nothing = { hops: [], isErased: false, events, told, problems: [] };
  try {
    const { head } = await task.head();
    const records = (await task.context()).handoffs;
    const hops = records.map(({ commitId, decision }, hop) => ({
      sha256: records[hop + 1]?.previous ?? head,
      commitId,
      decision: decision.kind,
    }));
    const problems: string[] = [];
    for (const { hop, what } of (await task.verify()).problems) {
      // The last commit may not have been told of yet: whoever committed it would have done so next.
      const isUntold = hop === hops.length - 1 && !told.has(hop);
      if (!isUntold) problems.push(`${taskId}, hop ${hop}: ${what}`);
    }
    for (const hop of told.keys())
      if (hop >= hops.length) problems.push(`${taskId}: the audit tells of hop ${hop}, which is not there`);
    return { hops, isErased: false, events, told, problems };
  } catch (error) {
    if (hasCode(error, "TASK_NOT_FOUND")) {
      return told.size === 0
        ? nothing
        : { ...nothing, problems: [`${taskId}: the audit tells of it, but it is not there`] };
    }
    if (hasCode(error, "TASK_ERASED")) return { ...nothing, isErased: true };
    return { ...nothing, problems: [`${taskId} cannot be read: ${String(error)}`] };
  }
}

/** What of a message must never be: its handoff is not there, or nobody told the audit of it before it was sent. */
export function whatIsWrongWith(message: Message, facts: Facts): string | undefined {
  const task = facts.get(factsKey(message));
  const name = `the envelope of hop ${message.hop} of ${message.taskId}`;
  if (task === undefined) return `${name} belongs to no task`;
  if (task.isErased) return undefined;
  if (task.hops[message.hop]?.sha256 !== message.sha256) return `${name} points at a handoff that is not there`;
  return task.told.get(message.hop) === message.sha256
    ? undefined
    : `${name} was sent, but the audit does not tell of it`;
}

/** What was reported and is not there; `undefined` where all is well. */
export function whatWasTakenBack(report: Report, facts: Facts): string | undefined {
  const task = facts.get(factsKey(report));
  const lost = (what: string) => `${report.taskId}: ${what} was reported, and is gone`;
  if (task === undefined) return lost("the task");
  // What was shown of a task that has been erased since is told by the audit alone.
  if (task.isErased && report.what !== "audited") return undefined;
  switch (report.what) {
    case "started":
      return task.hops.length > 0 ? undefined : lost("its start");
    case "canceled":
      return ["cancel", "complete"].includes(task.hops.at(-1)?.decision ?? "") ? undefined : lost("its end");
    case "erased":
      return lost("its erasure");
    case "retried":
    case "resumed": {
      const seen = task.hops.findIndex(({ sha256 }) => sha256 === report.head);
      return seen !== -1 && task.hops[seen + 1]?.decision === "handoff"
        ? undefined
        : lost(`that it was ${report.what}`);
    }
    case "shown":
      return task.hops[report.hop]?.sha256 === report.sha256
        ? undefined
        : lost(`hop ${report.hop}, shown by ${report.by},`);
    case "ran":
      return task.hops[report.hop]?.commitId === report.commitId
        ? undefined
        : lost(`hop ${report.hop}, on which an agent ran,`);
    case "audited": {
      const missing = report.events.find((id) => !task.events.has(id));
      return missing === undefined ? undefined : lost(`audit event ${missing}`);
    }
  }
}
