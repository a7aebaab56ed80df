import { setImmediate as turn } from "node:timers/promises";
import type { AuditLog, TaskRow } from "@agenthandoff/core";
import type { MemoryData } from "@agenthandoff/core/memory";
import { collect } from "../expect.js";
import { type Fault, fault, from } from "./fault.js";

/** Puts a row where the log would not. */
export function force(data: MemoryData, row: TaskRow): void {
  const task = data.tasks.get(row.relayId)?.get(row.taskId);
  if (task !== undefined) task.row = row;
}

export const rowFaults: readonly Fault<AuditLog>[] = [
  {
    what: "a row moves backward",
    breaks: ["row-never-back", "row-concurrent", "damaged-after-row"],
    plant: (data) => (log) => ({
      ...log,
      async append(event, change) {
        const answer = await log.append(event, change);
        if (change?.row !== undefined) force(data, { ...change.row, damaged: change.damaged ?? change.row.damaged });
        return answer;
      },
    }),
  },
  {
    what: "a row with an equal head hop replaces the one there",
    breaks: ["row-never-back"],
    plant: (data) => (log) => ({
      ...log,
      async append(event, change) {
        const there = await log.task(event.relayId, event.taskId);
        const answer = await log.append(event, change);
        if (change?.row !== undefined && there?.headHop === change.row.headHop) force(data, change.row);
        return answer;
      },
    }),
  },
  {
    what: "rows are compared as text",
    breaks: ["row-forward", "row-consistent"],
    plant: () => (log) => ({
      ...log,
      async append(event, change) {
        const there = await log.task(event.relayId, event.taskId);
        const { row, ...rest } = change ?? {};
        const forward = row !== undefined && (there === undefined || String(there.headHop) < String(row.headHop));
        return await log.append(event, forward ? { ...rest, row } : rest);
      },
    }),
  },
  fault("the row is dropped when the event exists", ["row-when-event-exists"], (log) => ({
    async append(event, change) {
      const { row: _, ...rest } = change ?? {};
      const answer = await log.append(event, rest);
      if (answer === "appended") await log.append(event, change);
      return answer;
    },
  })),
  fault("damaged is dropped when the event exists", ["damaged-when-event-exists"], (log) => ({
    async append(event, { damaged, row } = {}) {
      const events = await collect(log.events(event.relayId, event.taskId));
      const exists = events.some(({ id }) => id === event.id);
      return await log.append(event, { ...(row && { row }), ...(!exists && damaged !== undefined && { damaged }) });
    },
  })),
  fault("the event is dropped when its row is ignored", ["row-never-back"], (log) => ({
    async append(event, change) {
      const there = await log.task(event.relayId, event.taskId);
      if (
        change?.row !== undefined &&
        change.damaged === undefined &&
        there !== undefined &&
        there.headHop > change.row.headHop
      ) {
        return "appended";
      }
      return await log.append(event, change);
    },
  })),
  fault("damaged is dropped when the row that came with it is ignored", ["damaged-after-row"], (log) => ({
    async append(event, change) {
      const there = await log.task(event.relayId, event.taskId);
      const ignored = change?.row !== undefined && there !== undefined && there.headHop >= change.row.headHop;
      return await log.append(event, ignored ? {} : change);
    },
  })),
  {
    what: "damaged makes a row",
    breaks: ["damaged-without-row"],
    plant: (data) => (log) => ({
      ...log,
      async append(event, change) {
        const answer = await log.append(event, change);
        if (change?.damaged === true && (await log.task(event.relayId, event.taskId)) === undefined) {
          const { relayId, taskId, at } = event;
          force(data, {
            relayId,
            taskId,
            status: "running",
            headHop: 0,
            headSha256: "",
            agent: null,
            updatedAt: at,
            damaged: true,
          });
        }
        return answer;
      },
    }),
  },
  fault("the row is written before its event", ["row-with-event"], (log) => ({
    async append(event, change) {
      const refused = Buffer.byteLength(JSON.stringify(event)) > log.maxEventBytes;
      if (change?.row === undefined || refused) return await log.append(event, change);
      await log.append({ ...event, id: "row", kind: "row", hop: -1, detail: {} }, change);
      await turn();
      return await log.append(event, change);
    },
    events: (relayId, taskId, options) =>
      from(collect(log.events(relayId, taskId, options)).then((events) => events.filter(({ hop }) => hop >= 0))),
  })),
  fault(
    "an event is appended twice",
    ["append-once", "append-once-concurrent", "row-when-event-exists", "damaged-when-event-exists", "erase-final"],
    (log) => ({
      async append(event, change) {
        let copy = event;
        for (let count = 2; (await log.append(copy, change)) === "exists"; count++)
          copy = { ...event, id: `${event.id}#${count}` };
        return "appended";
      },
      events: (relayId, taskId, options) =>
        from(
          collect(log.events(relayId, taskId, options)).then((events) =>
            events.map((event) => ({ ...event, id: event.id.replace(/#\d+$/, "") })),
          ),
        ),
    }),
  ),
  {
    what: "an id is unique in the relay, not in the task",
    breaks: ["append-apart", "tasks-match", "tasks-many", "erase-apart"],
    plant: (data) => (log) => ({
      ...log,
      async append(event, change) {
        for (const [taskId, task] of data.tasks.get(event.relayId) ?? []) {
          if (taskId !== event.taskId && task.events.has(event.id)) return "exists";
        }
        return await log.append(event, change);
      },
    }),
  },
  {
    what: "a row of another handle is seen late",
    breaks: ["row-consistent"],
    plant: () => (log) => {
      let seen: TaskRow | undefined;
      return {
        ...log,
        async append(event, change) {
          seen = undefined;
          return await log.append(event, change);
        },
        async task(relayId, taskId) {
          const row = await log.task(relayId, taskId);
          const late = seen?.taskId === taskId && row !== undefined && row.headHop > seen.headHop ? seen : row;
          seen = row;
          return late;
        },
      };
    },
  },
  fault("updatedBefore is exclusive", ["tasks-match"], (log) => ({
    async *tasks(relayId, query) {
      for await (const row of log.tasks(relayId, query)) if (row.updatedAt !== query?.updatedBefore) yield row;
    },
  })),
  fault("tasks matches any condition instead of all", ["tasks-match"], (log) => ({
    async *tasks(relayId, query = {}) {
      const { status, updatedBefore: _, ...rest } = query;
      yield* log.tasks(relayId, status === undefined ? query : { ...rest, status });
    },
  })),
  fault("tasks yields a row twice", ["tasks-match", "tasks-many", "tasks-move", "erase-row"], (log) => ({
    async *tasks(relayId, query) {
      for await (const row of log.tasks(relayId, query)) {
        yield row;
        yield row;
      }
    },
  })),
  fault("a task that failed to be read has no row", ["audit-failure"], (log) => ({
    task: (relayId, taskId) => log.task(relayId, taskId).catch(() => undefined),
  })),
  fault("listings ignore the signal", ["audit-signal"], (log) => ({
    tasks: (relayId, { signal: _, ...query } = {}) => log.tasks(relayId, query),
  })),
  fault("a row's agent is a text even where nobody is", ["row-kept"], (log) => ({
    append: (event, { row, ...rest } = {}) =>
      log.append(event, row === undefined ? rest : { ...rest, row: { ...row, agent: row.agent ?? "" } }),
  })),
  fault("damaged is never cleared", ["damaged-flag", "damaged-after-row"], (log) => ({
    append: (event, { damaged, ...rest } = {}) => log.append(event, damaged === true ? { ...rest, damaged } : rest),
  })),
];
