import {
  type AuditEvent,
  ContextIntegrityError,
  parseJson,
  type RowChange,
  stringifyJson,
  type TaskQuery,
  type TaskRow,
  type TaskStatus,
} from "@agenthandoff/core";
import { z } from "zod";
import { AUDIT_SQL, type EventRow, type TaskTableRow } from "./audit-sql.js";
import { PAGE_ROWS } from "./pages.js";
import type { SqliteConnection } from "./sqlite.js";

/** Keeps an event and moves its task's row, in the caller's transaction. */
export function append(
  sql: SqliteConnection,
  event: AuditEvent,
  json: string,
  { row, damaged }: RowChange,
): "appended" | "exists" {
  const { relayId, taskId, id, hop, agent, at } = event;
  const added = sql.run(AUDIT_SQL.append, relayId, taskId, id, hop, agent ?? null, at, json);
  if (row !== undefined) {
    const { status, headHop, headSha256, updatedAt } = row;
    const flag = row.damaged ? 1 : 0;
    sql.run(AUDIT_SQL.advance, row.relayId, row.taskId, status, headHop, headSha256, row.agent, updatedAt, flag);
  }
  if (damaged !== undefined) sql.run(AUDIT_SQL.damage, damaged ? 1 : 0, relayId, taskId);
  return added === 1 ? "appended" : "exists";
}

/** Leaves of each event's detail only what `keep` names, and makes the row `erased`, in the caller's transaction. */
export function blank(sql: SqliteConnection, relayId: string, taskId: string, keep: ReadonlySet<string>): void {
  let last = "";
  for (;;) {
    const rows = sql.all<EventRow>(AUDIT_SQL.events, relayId, taskId, last, PAGE_ROWS);
    for (const row of rows) {
      const event = eventOf(row);
      const kept = Object.entries(event.detail).filter(([name]) => keep.has(name));
      sql.run(AUDIT_SQL.blank, stringifyJson({ ...event, detail: Object.fromEntries(kept) }), row.seq);
      last = row.id;
    }
    if (rows.length < PAGE_ROWS) break;
  }
  sql.run(AUDIT_SQL.eraseTask, relayId, taskId);
}

const text = z.string();
/** What no event lacks. What else one says is its writer's affair. */
const eventSchema = z.looseObject({
  ...{ id: text, relayId: text, taskId: text, hop: z.number(), kind: text, at: text, agent: text.optional() },
  detail: z.looseObject({}),
});
const isEvent = (json: unknown): json is AuditEvent => eventSchema.safeParse(json).success;

/**
 * An event as `append` wrote it, however deep: what was kept once must not make the task's other events unreadable.
 * @throws ContextIntegrityError where somebody else has written there
 */
export function eventOf(row: EventRow): AuditEvent {
  const event = parseJson(row.event, { maxDepth: Number.POSITIVE_INFINITY });
  if (isEvent(event)) return event;
  throw new ContextIntegrityError(`event ${row.seq} of the audit log is not what was written; restore a backup`);
}

export function matches(row: TaskTableRow, { damaged, updatedBefore }: TaskQuery): boolean {
  if (damaged !== undefined && (row.damaged === 1) !== damaged) return false;
  return updatedBefore === undefined || row.updated_at <= updatedBefore;
}

export function taskRow(row: TaskTableRow): TaskRow {
  return {
    relayId: row.relay_id,
    taskId: row.task_id,
    status: row.status as TaskStatus,
    headHop: row.head_hop,
    headSha256: row.head_sha256,
    agent: row.agent,
    updatedAt: row.updated_at,
    damaged: row.damaged === 1,
  };
}
