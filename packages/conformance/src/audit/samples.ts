import type { AuditEvent, Intent, TaskRow } from "@agenthandoff/core";
import type { Trial } from "../trial.js";

/** A task that no other test uses, and what is written of it in a line each. */
export interface TaskSample {
  readonly relayId: string;
  readonly taskId: string;
  event(fields?: Partial<AuditEvent>): AuditEvent;
  row(fields?: Partial<TaskRow>): TaskRow;
  intent(fields?: Partial<Intent>): Intent;
}

/** An instant, `seconds` after a fixed one. */
export const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 2) + seconds * 1_000).toISOString();

export const hash = (digit: string): string => digit.repeat(64);

export function taskSample(
  trial: Pick<Trial<unknown>, "unique">,
  ids: { relayId?: string; taskId?: string } = {},
): TaskSample {
  const { relayId = trial.unique("relay"), taskId = trial.unique("task") } = ids;
  return {
    relayId,
    taskId,
    event: (fields = {}) => ({
      id: "0000000001.committed",
      relayId,
      taskId,
      hop: 1,
      kind: "committed",
      at: at(1),
      detail: {},
      ...fields,
    }),
    row: (fields = {}) => ({
      relayId,
      taskId,
      status: "running",
      headHop: 1,
      headSha256: hash("a"),
      agent: "code",
      updatedAt: at(1),
      damaged: false,
      ...fields,
    }),
    intent: (fields = {}) => ({
      relayId,
      taskId,
      intentId: "intent-1",
      requestId: "request-1",
      operation: "start",
      at: at(1),
      ...fields,
    }),
  };
}

/** The id of an event of a hop, as core makes them: ids sort by hop. */
export const eventId = (hop: number, kind = "committed"): string => `${String(hop).padStart(10, "0")}.${kind}`;
