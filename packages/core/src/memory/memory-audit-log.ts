import { AuditError, ContextTooLargeError } from "../errors/index.js";
import type { AuditEvent, AuditLog, TaskQuery, TaskRow } from "../ports/index.js";
import { getOrCreate, joinedKey, type MemoryData, type MemoryTask, memoryData } from "./memory-data.js";

export interface MemoryAuditLogOptions {
  /** What to keep things in, where several handles share it. Default: data of its own. */
  readonly data?: MemoryData;
  /** Once this is aborted every call rejects: the handle is closed, the data stay. */
  readonly closed?: AbortSignal;
  /** In bytes. Default: 256 KiB. */
  readonly maxEventBytes?: number;
}

function matches(row: TaskRow, { status, damaged, updatedBefore }: TaskQuery): boolean {
  if (status !== undefined && row.status !== status) return false;
  if (damaged !== undefined && row.damaged !== damaged) return false;
  return updatedBefore === undefined || row.updatedAt <= updatedBefore;
}

/** Orders by the given text, by code unit (a locale's order would differ between machines). */
function ascending<Value>(by: (value: Value) => string): (left: Value, right: Value) => number {
  return (left, right) => (by(left) < by(right) ? -1 : by(left) > by(right) ? 1 : 0);
}

/** An audit log in memory. Each call happens at once, so concurrent callers cannot meet in the middle of one. */
export function memoryAuditLog(options: MemoryAuditLogOptions = {}): AuditLog {
  const { data = memoryData(), maxEventBytes = 262_144 } = options;

  const tasksOf = (relayId: string): Map<string, MemoryTask> => getOrCreate(data.tasks, relayId, () => new Map());
  const intentsOf = (relayId: string) => getOrCreate(data.intents, relayId, () => new Map());

  function begin(operation: string, relayId: string, signal?: AbortSignal): void {
    if (options.closed?.aborted === true) {
      throw new AuditError(operation, {
        subject: `relay ${relayId}`,
        retryable: false,
        hint: "this handle was closed",
      });
    }
    signal?.throwIfAborted();
  }

  /** Copies of what the log holds, one at a time, until the caller has enough or aborts. */
  async function* copies<Value>(values: Iterable<Value>, relayId: string, signal?: AbortSignal): AsyncGenerator<Value> {
    begin("list", relayId, signal);
    for (const value of values) {
      begin("list", relayId, signal);
      yield structuredClone(value);
    }
  }

  return {
    maxEventBytes,

    async append(event, { row, damaged } = {}) {
      begin("append", event.relayId);
      const size = Buffer.byteLength(JSON.stringify(event));
      if (size > maxEventBytes)
        throw new ContextTooLargeError({ what: `audit event ${event.id}`, limit: maxEventBytes, size });
      const task = getOrCreate(tasksOf(event.relayId), event.taskId, () => ({ events: new Map(), row: undefined }));
      const exists = task.events.has(event.id);
      if (!exists) task.events.set(event.id, structuredClone(event));
      if (row !== undefined && (task.row === undefined || task.row.headHop < row.headHop))
        task.row = structuredClone(row);
      if (damaged !== undefined && task.row !== undefined) task.row = { ...task.row, damaged };
      return exists ? "exists" : "appended";
    },

    async *events(relayId, taskId, { hop, signal } = {}) {
      const events: AuditEvent[] = [...(tasksOf(relayId).get(taskId)?.events.values() ?? [])];
      yield* copies(
        events.filter((event) => hop === undefined || event.hop === hop).sort(ascending(({ id }) => id)),
        relayId,
        signal,
      );
    },

    async *byAgent(relayId, agent, { signal } = {}) {
      const events = [...tasksOf(relayId).values()].flatMap((task) => [...task.events.values()]);
      yield* copies(events.filter((event) => event.agent === agent).sort(ascending(({ at }) => at)), relayId, signal);
    },

    async task(relayId, taskId) {
      begin("read", relayId);
      return structuredClone(tasksOf(relayId).get(taskId)?.row);
    },

    async *tasks(relayId, query = {}) {
      const rows = [...tasksOf(relayId).values()].flatMap(({ row }) => (row === undefined ? [] : [row]));
      yield* copies(
        rows.filter((row) => matches(row, query)),
        relayId,
        query.signal,
      );
    },

    async intend(intent) {
      begin("intend", intent.relayId);
      intentsOf(intent.relayId).set(joinedKey(intent.taskId, intent.intentId), structuredClone(intent));
    },

    async settle(relayId, taskId, intentId) {
      begin("settle", relayId);
      intentsOf(relayId).delete(joinedKey(taskId, intentId));
    },

    async *intents(relayId, { signal } = {}) {
      yield* copies([...intentsOf(relayId).values()], relayId, signal);
    },

    async erase(relayId, taskId, keep) {
      begin("erase", relayId);
      const task = tasksOf(relayId).get(taskId);
      if (task === undefined) return;
      for (const [id, event] of task.events) {
        const kept = Object.entries(event.detail).filter(([name]) => keep.includes(name));
        task.events.set(id, { ...event, detail: Object.fromEntries(kept) });
      }
      if (task.row !== undefined) task.row = { ...task.row, status: "erased" };
    },
  };
}
