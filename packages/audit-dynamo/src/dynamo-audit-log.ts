import { clientDefaults } from "@agenthandoff/aws-common";
import { type AuditLog, ContextTooLargeError, stringifyJson } from "@agenthandoff/core";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { appendTo } from "./append.js";
import { checkTable } from "./check-table.js";
import { eraseTask } from "./erase.js";
import { eventOfItem, intentOfItem, itemOfIntent, rowOfItem } from "./items.js";
import { ALL_SHARDS, intentSortKey, TASK_SORT_KEY } from "./keys.js";
import { MAX_EVENT_BYTES } from "./limits.js";
import { listTasks } from "./list-tasks.js";
import { mergeAscending } from "./merge.js";
import { type DynamoAuditLogOptions, parseDynamoOptions } from "./options.js";
import { underOwnSignal } from "./own-signal.js";
import { eventsElsewhere, eventsOfAgent, eventsOfTask, eventsUnderHop, onShelf } from "./queries.js";
import { expiryOf, hasExpired } from "./retention.js";
import { tableCalls } from "./table-calls.js";
import { advanceRow, flagDamage, keyOf, putEvent, type Write } from "./writes.js";

export interface DynamoAuditLog extends AuditLog {
  /**
   * Finds out whether the table is there with the keys and indexes that `auditTable` defines and, where events have a
   * retention, deletes what has outlived it.
   * @throws BackendUnusableError that says what to mend, with the reason `keys`, `index`, `not-active`, `time-to-live`,
   * `missing`, `permission` or another of why AWS refused
   * @throws AuditError where it cannot tell now
   */
  check(options?: { readonly signal?: AbortSignal }): Promise<void>;

  /** Frees the log's own client; one that was passed in stays open. Calls made later reject. */
  close(): Promise<void>;
}

/**
 * An audit log in one DynamoDB table, which `auditTable` defines. Sends nothing before it is used.
 * @throws InvalidOptionsError that names each option at fault
 */
export function dynamoAuditLog(options: DynamoAuditLogOptions): DynamoAuditLog {
  const { table, retentionDays, client: given, region, clock, random } = parseDynamoOptions(options);
  const client = given ?? new DynamoDBClient(clientDefaults(region));
  const closed = new AbortController();
  const calls = tableCalls({ table, client, clock, random, closed: closed.signal });

  return {
    maxEventBytes: MAX_EVENT_BYTES,

    async append(event, { row, damaged } = {}) {
      const { relayId, taskId, id } = event;
      const size = Buffer.byteLength(stringifyJson({ ...event }));
      if (size > MAX_EVENT_BYTES) {
        throw new ContextTooLargeError({ what: `audit event ${id}`, limit: MAX_EVENT_BYTES, size });
      }
      const changes: Write[] = [];
      if (row !== undefined) changes.push(advanceRow(table, { ...row, damaged: damaged ?? row.damaged }));
      if (damaged !== undefined) changes.push(flagDamage(table, relayId, taskId, damaged));
      const expiresAt = expiryOf(event, retentionDays);
      const put = hasExpired(expiresAt, clock) ? undefined : putEvent(table, event, expiresAt);
      return await appendTo(calls, { operation: "append", subject: `task ${taskId}` }, put, changes);
    },

    async *events(relayId, taskId, { hop, signal } = {}) {
      const call = { operation: "list events", subject: `task ${taskId}`, signal };
      if (hop === undefined) {
        yield* calls.query(call, eventsOfTask(table, relayId, taskId), eventOfItem);
        return;
      }
      const under = calls.query(call, eventsUnderHop(table, relayId, taskId, hop), eventOfItem);
      const elsewhere = calls.query(call, eventsElsewhere(table, relayId, taskId, hop), eventOfItem);
      for await (const event of mergeAscending([under, elsewhere], ({ id }) => id)) if (event.hop === hop) yield event;
    },

    byAgent(relayId, agent, options = {}) {
      return underOwnSignal(options.signal, (signal) => {
        const call = { operation: "list events", subject: `agent ${agent}`, signal };
        const shards = ALL_SHARDS.map((shard) => eventsOfAgent(table, relayId, agent, shard));
        return mergeAscending(
          shards.map((input) => calls.query(call, input, eventOfItem)),
          ({ at }) => at,
        );
      });
    },

    async task(relayId, taskId) {
      const call = { operation: "read the row", subject: `task ${taskId}` };
      return await calls.get(call, keyOf(relayId, taskId, TASK_SORT_KEY), rowOfItem);
    },

    tasks(relayId, query = {}) {
      return listTasks(calls, table, relayId, query);
    },

    async intend(intent) {
      const call = { operation: "keep an intent", subject: `task ${intent.taskId}` };
      await calls.write(call, [{ Put: { TableName: table, Item: itemOfIntent(intent) } }]);
    },

    async settle(relayId, taskId, intentId) {
      const call = { operation: "settle an intent", subject: `task ${taskId}` };
      const Key = keyOf(relayId, taskId, intentSortKey(intentId));
      await calls.write(call, [{ Delete: { TableName: table, Key } }]);
    },

    async *intents(relayId, { signal } = {}) {
      const call = { operation: "list intents", subject: `relay ${relayId}`, signal };
      for (const shard of ALL_SHARDS) yield* calls.query(call, onShelf(table, relayId, "intent", shard), intentOfItem);
    },

    async erase(relayId, taskId, keep) {
      const call = { operation: "erase", subject: `task ${taskId}` };
      await eraseTask(calls, call, { table, relayId, taskId }, new Set(keep));
    },

    async check({ signal } = {}) {
      await checkTable(calls, { table, retentionDays }, signal);
    },

    async close() {
      closed.abort();
      if (given === undefined) client.destroy();
    },
  };
}
