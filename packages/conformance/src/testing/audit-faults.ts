import { setImmediate as turn } from "node:timers/promises";
import type { AuditEvent, AuditLog, TaskRow } from "@agenthandoff/core";
import type { MemoryData } from "@agenthandoff/core/memory";
import { collect } from "../expect.js";
import { type Fault, fault } from "./fault.js";

async function* from<Value>(values: Promise<Iterable<Value>>): AsyncGenerator<Value> {
  yield* await values;
}

/** Puts a row where the log would not. */
function force(data: MemoryData, row: TaskRow): void {
  const task = data.tasks.get(row.relayId)?.get(row.taskId);
  if (task !== undefined) task.row = row;
}

export const auditFaults: readonly Fault<AuditLog>[] = [
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
    what: "an event is replaced by a later one with its id",
    breaks: ["append-once", "erase-final"],
    plant: (data) => (log) => ({
      ...log,
      async append(event, change) {
        const answer = await log.append(event, change);
        data.tasks.get(event.relayId)?.get(event.taskId)?.events.set(event.id, event);
        return answer;
      },
    }),
  },
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
  fault("an event loses a part of its detail", ["append-keeps"], (log) => ({
    append: (event, change) =>
      log.append(
        { ...event, detail: Object.fromEntries(Object.entries(event.detail).filter(([, value]) => value !== null)) },
        change,
      ),
  })),
  fault("the limit counts characters", ["append-limit"], (log) => ({
    async append(event, change) {
      const { text } = event.detail;
      const short = typeof text === "string" && text.length * 2 > log.maxEventBytes / 2;
      return await log.append(short ? { ...event, detail: { text: text.slice(0, 10) } } : event, change);
    },
  })),
  {
    what: "events come in the order of their appending",
    breaks: ["events-order"],
    plant: (data) => (log) => ({
      ...log,
      async *events(relayId, taskId, options) {
        const order = [...(data.tasks.get(relayId)?.get(taskId)?.events.keys() ?? [])];
        const events = await collect(log.events(relayId, taskId, options));
        yield* events.sort((left, right) => order.indexOf(left.id) - order.indexOf(right.id));
      },
    }),
  },
  fault("events of a hop are found by the first digits", ["events-of-hop"], (log) => ({
    events: (relayId, taskId, { hop, ...options } = {}) =>
      from(
        collect(log.events(relayId, taskId, options)).then((events) =>
          events.filter((event) => hop === undefined || String(event.hop).startsWith(String(hop))),
        ),
      ),
  })),
  {
    what: "a handle reads events that it has read before from its cache",
    breaks: ["events-consistent", "row-with-event"],
    plant: () => (log) => {
      const cache = new Map<string, AuditEvent[]>();
      return {
        ...log,
        async append(event, change) {
          cache.clear();
          return await log.append(event, change);
        },
        async erase(relayId, taskId, keep) {
          cache.clear();
          await log.erase(relayId, taskId, keep);
        },
        async *events(relayId, taskId, options) {
          options?.signal?.throwIfAborted();
          const name = JSON.stringify([relayId, taskId]);
          const events = cache.get(name) ?? (await collect(log.events(relayId, taskId)));
          cache.set(name, events);
          yield* events.filter(({ hop }) => options?.hop === undefined || options.hop === hop);
        },
      };
    },
  },
  fault("events stop after one page", ["events-many"], (log) => ({
    events: (relayId, taskId, options) =>
      from(collect(log.events(relayId, taskId, options)).then((events) => events.slice(0, 200))),
  })),
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
  {
    what: "byAgent is unsorted",
    breaks: ["by-agent"],
    plant: () => (log) => ({
      ...log,
      byAgent: (relayId, agent, options) =>
        from(
          collect(log.byAgent(relayId, agent, options)).then((events) =>
            events.sort((left, right) => (left.id < right.id ? -1 : 1)),
          ),
        ),
    }),
  },
  fault("a task that failed to be read has no row", ["audit-failure"], (log) => ({
    task: (relayId, taskId) => log.task(relayId, taskId).catch(() => undefined),
  })),
  fault("listings ignore the signal", ["audit-signal"], (log) => ({
    tasks: (relayId, { signal: _, ...query } = {}) => log.tasks(relayId, query),
  })),
  fault("an intent goes when the task's row changes", ["intent-independent"], (log) => ({
    async append(event, change) {
      if (change?.row !== undefined) await log.settle(event.relayId, event.taskId, "intent-1");
      return await log.append(event, change);
    },
  })),
  {
    what: "an intent that is there is not replaced",
    breaks: ["intent-replaced"],
    plant: (data) => (log) => ({
      ...log,
      async intend(intent) {
        const there = [...(data.intents.get(intent.relayId)?.values() ?? [])];
        const known = there.some(({ taskId, intentId }) => taskId === intent.taskId && intentId === intent.intentId);
        if (!known) await log.intend(intent);
      },
    }),
  },
  {
    what: "settle removes every intent of the task",
    breaks: ["intent-kept", "settle-missing"],
    plant: (data) => (log) => ({
      ...log,
      async settle(relayId, taskId, intentId) {
        await log.settle(relayId, taskId, intentId);
        for (const intent of [...(data.intents.get(relayId)?.values() ?? [])]) {
          if (intent.taskId === taskId) await log.settle(relayId, taskId, intent.intentId);
        }
      },
    }),
  },
  fault("settle of a missing intent rejects", ["settle-missing"], (log) => ({
    async settle(relayId, taskId, intentId) {
      const intents = await collect(log.intents(relayId));
      if (!intents.some((intent) => intent.intentId === intentId)) throw new Error("no such intent");
      await log.settle(relayId, taskId, intentId);
    },
  })),
  fault("erase keeps the texts", ["erase-blanks", "erase-final"], (log) => ({
    erase: (relayId, taskId) => log.erase(relayId, taskId, ["error", "reason", "handoff_sha256", "attempt"]),
  })),
  fault("erase blanks what is to be kept", ["erase-blanks", "erase-final"], (log) => ({
    erase: (relayId, taskId) => log.erase(relayId, taskId, []),
  })),
  {
    what: "erase leaves the row",
    breaks: ["erase-row"],
    plant: (data) => (log) => ({
      ...log,
      async erase(relayId, taskId, keep) {
        const row = await log.task(relayId, taskId);
        await log.erase(relayId, taskId, keep);
        if (row !== undefined) force(data, row);
      },
    }),
  },
  {
    what: "erase blanks later events too",
    breaks: ["erase-final"],
    plant: () => {
      const erased = new Set<string>();
      return (log) => ({
        ...log,
        async append(event, change) {
          return await log.append(erased.has(event.taskId) ? { ...event, detail: {} } : event, change);
        },
        async erase(relayId, taskId, keep) {
          erased.add(taskId);
          await log.erase(relayId, taskId, keep);
        },
      });
    },
  },
  {
    what: "erase takes the task's id for a prefix",
    breaks: ["erase-apart"],
    plant: (data) => (log) => ({
      ...log,
      async erase(relayId, taskId, keep) {
        await log.erase(relayId, taskId, keep);
        const ids = [...(data.tasks.get(relayId)?.keys() ?? [])].filter((id) => id.startsWith(taskId));
        for (const id of ids) await log.erase(relayId, id, keep);
      },
    }),
  },
];
