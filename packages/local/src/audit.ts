import {
  AuditError,
  type AuditEvent,
  type AuditLog,
  ContextTooLargeError,
  parseJson,
  type RowChange,
  stringifyJson,
  type TaskQuery,
  type TaskRow,
  type TaskStatus,
} from "@agenthandoff/core";
import { AUDIT_SQL, type EventRow, type IntentRow, type TaskTableRow } from "./audit-sql.js";
import type { Database } from "./database.js";
import { guardedBy } from "./errors.js";
import { MAX_EVENT_BYTES } from "./limits.js";
import { PAGE_ROWS, pages } from "./pages.js";
import type { SqliteConnection } from "./sqlite.js";

const guarded = guardedBy(AuditError);

/** The audit log and the index of tasks, in the database that holds the slots they tell of. */
export function localAuditLog(database: Database): AuditLog {
  async function* eventsOf(
    subject: string,
    page: (sql: SqliteConnection, last: EventRow | undefined) => readonly EventRow[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<AuditEvent> {
    const rows = pages<EventRow & { readonly parsed: AuditEvent }>(
      (last) =>
        guarded("list events", subject, async () => {
          const found = await database.read((sql) => page(sql, last));
          return found.map((row) => ({ ...row, parsed: eventOf(row) }));
        }),
      signal,
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
      // Whoever hears of a task that has ended, or waits, must be able to rely on it.
      const ends = change.row !== undefined && change.row.status !== "running";
      return await guarded("append", `task ${event.taskId}`, () =>
        database[ends ? "writeDurably" : "write"]((sql) => append(sql, event, json, change)),
      );
    },

    async *events(relayId, taskId, { hop, signal } = {}) {
      const page = (sql: SqliteConnection, last: EventRow | undefined): readonly EventRow[] =>
        hop === undefined
          ? sql.all(AUDIT_SQL.events, relayId, taskId, last?.id ?? "", PAGE_ROWS)
          : sql.all(AUDIT_SQL.eventsOfHop, relayId, taskId, hop, last?.id ?? "", PAGE_ROWS);
      yield* eventsOf(`task ${taskId}`, page, signal);
    },

    async *byAgent(relayId, agent, { signal } = {}) {
      const page = (sql: SqliteConnection, last: EventRow | undefined): readonly EventRow[] =>
        sql.all(AUDIT_SQL.eventsByAgent, relayId, agent, last?.at ?? "", last?.seq ?? 0, PAGE_ROWS);
      yield* eventsOf(`agent ${agent}`, page, signal);
    },

    async task(relayId, taskId) {
      const row = await guarded("read the row", `task ${taskId}`, () =>
        database.read((sql) => sql.get<TaskTableRow>(AUDIT_SQL.task, relayId, taskId)),
      );
      return row === undefined ? undefined : taskRow(row);
    },

    async *tasks(relayId, query = {}) {
      const { status, signal } = query;
      const page = (sql: SqliteConnection, after: string): readonly TaskTableRow[] =>
        status === undefined
          ? sql.all(AUDIT_SQL.tasks, relayId, after, PAGE_ROWS)
          : sql.all(AUDIT_SQL.tasksByStatus, relayId, status, after, PAGE_ROWS);
      const rows = pages<TaskTableRow>(
        (last) =>
          guarded("list tasks", `relay ${relayId}`, () => database.read((sql) => page(sql, last?.task_id ?? ""))),
        signal,
      );
      for await (const row of rows) if (matches(row, query)) yield taskRow(row);
    },

    async intend({ relayId, taskId, intentId, requestId, operation, at }) {
      await guarded("keep an intent", `task ${taskId}`, () =>
        database.write((sql) => sql.run(AUDIT_SQL.intend, relayId, taskId, intentId, requestId, operation, at)),
      );
    },

    async settle(relayId, taskId, intentId) {
      await guarded("settle an intent", `task ${taskId}`, () =>
        database.write((sql) => sql.run(AUDIT_SQL.settle, relayId, taskId, intentId)),
      );
    },

    async *intents(relayId, { signal } = {}) {
      const rows = pages<IntentRow>(
        (last) =>
          guarded("list intents", `relay ${relayId}`, () =>
            database.read((sql) =>
              sql.all(AUDIT_SQL.intents, relayId, last?.task_id ?? "", last?.intent_id ?? "", PAGE_ROWS),
            ),
          ),
        signal,
      );
      for await (const { relay_id, task_id, intent_id, request_id, operation, at } of rows) {
        yield { relayId: relay_id, taskId: task_id, intentId: intent_id, requestId: request_id, operation, at };
      }
    },

    async erase(relayId, taskId, keep) {
      await guarded("erase", `task ${taskId}`, async () => {
        await database.writeDurably((sql) => blank(sql, relayId, taskId, new Set(keep)));
        await database.scrub();
      });
    },
  };
}

function append(sql: SqliteConnection, event: AuditEvent, json: string, { row, damaged }: RowChange) {
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

function blank(sql: SqliteConnection, relayId: string, taskId: string, keep: ReadonlySet<string>): void {
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

/** An event as `append` wrote it. */
const eventOf = (row: EventRow): AuditEvent => parseJson(row.event) as unknown as AuditEvent;

function matches(row: TaskTableRow, { damaged, updatedBefore }: TaskQuery): boolean {
  if (damaged !== undefined && (row.damaged === 1) !== damaged) return false;
  return updatedBefore === undefined || row.updated_at <= updatedBefore;
}

function taskRow(row: TaskTableRow): TaskRow {
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
