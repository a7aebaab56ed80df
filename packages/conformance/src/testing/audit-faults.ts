import type { AuditEvent, AuditLog } from "@agenthandoff/core";
import { collect } from "../expect.js";
import { type Fault, fault, from } from "./fault.js";
import { force, rowFaults } from "./row-faults.js";

export const auditFaults: readonly Fault<AuditLog>[] = [
  ...rowFaults,
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
  fault(
    "reading a task that nobody wrote of rejects",
    ["events-none", "append-limit", "intent-independent"],
    (log) => ({
      async *events(relayId, taskId, options) {
        const events = await collect(log.events(relayId, taskId, options));
        if (events.length === 0 && options?.hop === undefined) throw new Error("no such task");
        yield* events;
      },
    }),
  ),
];
