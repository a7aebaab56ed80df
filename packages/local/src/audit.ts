import { AuditError, type AuditEvent, type AuditLog, ContextTooLargeError, stringifyJson } from "@agenthandoff/core";
import { append, blank, eventOf, matches, taskRow } from "./audit-rows.js";
import { AUDIT_SQL, type EventRow, type IntentRow, type TaskTableRow } from "./audit-sql.js";
import type { Database } from "./database.js";
import { type Call, guardedDatabase } from "./guarded-database.js";
import { MAX_EVENT_BYTES } from "./limits.js";
import { PAGE_ROWS, pages } from "./pages.js";
import type { SqliteConnection } from "./sqlite.js";

/** The audit log and the index of tasks, in the database that holds the slots they tell of. */
export function localAuditLog(database: Database): AuditLog {
  const { read, write, writeDurably, scrub } = guardedDatabase(database, AuditError);

  async function* eventsOf(
    call: Call,
    page: (sql: SqliteConnection, last: EventRow | undefined) => readonly EventRow[],
  ): AsyncGenerator<AuditEvent> {
    const rows = pages<EventRow & { readonly parsed: AuditEvent }>(
      (last) => read(call, (sql) => page(sql, last).map((row) => ({ ...row, parsed: eventOf(row) }))),
      call.signal,
    );
    for await (const { parsed } of rows) yield parsed;
  }

  return {
    maxEventBytes: MAX_EVENT_BYTES,

    async append(event, change = {}) {
      const json = stringifyJson({ ...event });
      const size = Buffer.byteLength(json);
      if (size > MAX_EVENT_BYTES) {
        throw new ContextTooLargeError({ what: `audit event ${event.id}`, limit: MAX_EVENT_BYTES, size });
      }
      const call = { operation: "append", subject: `task ${event.taskId}` };
      const work = (sql: SqliteConnection) => append(sql, event, json, change);
      // Whoever hears of a task that has ended, or waits, must be able to rely on it.
      const ends = change.row !== undefined && change.row.status !== "running";
      return ends ? await writeDurably(call, work) : await write(call, work);
    },

    events(relayId, taskId, { hop, signal } = {}) {
      return eventsOf({ operation: "list events", subject: `task ${taskId}`, signal }, (sql, last) =>
        hop === undefined
          ? sql.all(AUDIT_SQL.events, relayId, taskId, last?.id ?? "", PAGE_ROWS)
          : sql.all(AUDIT_SQL.eventsOfHop, relayId, taskId, hop, last?.id ?? "", PAGE_ROWS),
      );
    },

    byAgent(relayId, agent, { signal } = {}) {
      return eventsOf({ operation: "list events", subject: `agent ${agent}`, signal }, (sql, last) =>
        sql.all(AUDIT_SQL.eventsByAgent, relayId, agent, last?.at ?? "", last?.seq ?? 0, PAGE_ROWS),
      );
    },

    async task(relayId, taskId) {
      const call = { operation: "read the row", subject: `task ${taskId}` };
      const row = await read(call, (sql) => sql.get<TaskTableRow>(AUDIT_SQL.task, relayId, taskId));
      return row === undefined ? undefined : taskRow(row);
    },

    async *tasks(relayId, query = {}) {
      const { status, signal } = query;
      const call = { operation: "list tasks", subject: `relay ${relayId}`, signal };
      const page = (sql: SqliteConnection, after: string): readonly TaskTableRow[] =>
        status === undefined
          ? sql.all(AUDIT_SQL.tasks, relayId, after, PAGE_ROWS)
          : sql.all(AUDIT_SQL.tasksByStatus, relayId, status, after, PAGE_ROWS);
      const rows = pages<TaskTableRow>((last) => read(call, (sql) => page(sql, last?.task_id ?? "")), signal);
      for await (const row of rows) if (matches(row, query)) yield taskRow(row);
    },

    async intend({ relayId, taskId, intentId, requestId, operation, at }) {
      await write({ operation: "keep an intent", subject: `task ${taskId}` }, (sql) =>
        sql.run(AUDIT_SQL.intend, relayId, taskId, intentId, requestId, operation, at),
      );
    },

    async settle(relayId, taskId, intentId) {
      await write({ operation: "settle an intent", subject: `task ${taskId}` }, (sql) =>
        sql.run(AUDIT_SQL.settle, relayId, taskId, intentId),
      );
    },

    async *intents(relayId, { signal } = {}) {
      const call = { operation: "list intents", subject: `relay ${relayId}`, signal };
      const rows = pages<IntentRow>(
        (last) =>
          read(call, (sql) =>
            sql.all(AUDIT_SQL.intents, relayId, last?.task_id ?? "", last?.intent_id ?? "", PAGE_ROWS),
          ),
        signal,
      );
      for await (const { relay_id, task_id, intent_id, request_id, operation, at } of rows) {
        yield { relayId: relay_id, taskId: task_id, intentId: intent_id, requestId: request_id, operation, at };
      }
    },

    async erase(relayId, taskId, keep) {
      const call = { operation: "erase", subject: `task ${taskId}` };
      await writeDurably(call, (sql) => blank(sql, relayId, taskId, new Set(keep)));
      // Core erases the store before the log, so this is the end of both.
      await scrub(call);
    },
  };
}
