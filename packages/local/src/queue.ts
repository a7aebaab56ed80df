import { type Clock, ContextTooLargeError, type Random, type Transport, TransportError } from "@agenthandoff/core";
import type { Database } from "./database.js";
import { createDelivery, timeFromNow, waitOf } from "./delivery.js";
import { guardedDatabase } from "./guarded-database.js";
import { DEDUPLICATION_MS, MAX_MESSAGE_BYTES, MAX_VISIBILITY_MS } from "./limits.js";
import { PAGE_ROWS, pages } from "./pages.js";
import { type DeadLetterRow, type MessageRow, QUEUE_SQL } from "./queue-sql.js";
import type { SqliteConnection } from "./sqlite.js";
import type { Wake } from "./wake.js";

export interface QueueOptions {
  readonly database: Database;
  readonly wake: Wake;
  readonly maxReceiveCount: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** FIFO queues in the database. At most one message of a group, its first, is held at any time. */
export function localTransport({ database, wake, maxReceiveCount, clock, random }: QueueOptions): Transport {
  const { read, write, writeDurably } = guardedDatabase(database, TransportError);

  function enqueue(sql: SqliteConnection, queue: string, groupId: string, body: string): void {
    sql.run(QUEUE_SQL.enqueue, random.id(), queue, groupId, body, timeFromNow(clock, 0));
  }

  /** Notes the id. `false` where it was accepted not long ago. */
  function accept(sql: SqliteConnection, queue: string, deduplicationId: string): boolean {
    const forgotten = timeFromNow(clock, -DEDUPLICATION_MS);
    const earlier = sql.get<{ accepted_at: number }>(QUEUE_SQL.accepted, queue, deduplicationId);
    if (earlier !== undefined && earlier.accepted_at > forgotten) return false;
    sql.run(QUEUE_SQL.accept, queue, deduplicationId, timeFromNow(clock, 0));
    sql.run(QUEUE_SQL.forget, forgotten);
    return true;
  }

  /** Takes what is due, each message the first of its group, once what was received too often is out of the way. */
  function take(sql: SqliteConnection, queue: string, max: number, visibilityMs: number): readonly MessageRow[] {
    for (;;) {
      const due = sql.all<MessageRow>(QUEUE_SQL.due, queue, clock.now(), max);
      const worn = due.filter((row) => row.receive_count >= maxReceiveCount);
      for (const row of worn) buryWorn(sql, row);
      if (worn.length > 0) continue;
      return due.map((row) => {
        const receiveCount = row.receive_count + 1;
        sql.run(QUEUE_SQL.take, receiveCount, timeFromNow(clock, visibilityMs), row.seq);
        return { ...row, receive_count: receiveCount };
      });
    }
  }

  function buryWorn(sql: SqliteConnection, { seq, id, queue, group_id, body, receive_count }: MessageRow): void {
    const reason = `received ${receive_count} times without being acknowledged`;
    sql.run(QUEUE_SQL.bury, id, queue, group_id, body, reason);
    sql.run(QUEUE_SQL.remove, seq);
    sql.run(QUEUE_SQL.promote, timeFromNow(clock, 0), queue, group_id);
  }

  function unbury(sql: SqliteConnection, queue: string, letters: readonly DeadLetterRow[]): void {
    for (const { seq, group_id, body } of letters) {
      // A new message with an id of its own: its count begins anew, and no delivery id comes twice.
      enqueue(sql, queue, group_id, body);
      sql.run(QUEUE_SQL.unbury, seq);
    }
  }

  function unburyAll(sql: SqliteConnection, queue: string): number {
    for (let count = 0; ; ) {
      const letters = sql.all<DeadLetterRow>(QUEUE_SQL.deadAfter, queue, 0, PAGE_ROWS);
      unbury(sql, queue, letters);
      count += letters.length;
      if (letters.length < PAGE_ROWS) return count;
    }
  }

  return {
    maxMessageBytes: MAX_MESSAGE_BYTES,
    maxVisibilityMs: MAX_VISIBILITY_MS,
    deduplicationMs: DEDUPLICATION_MS,

    async send({ relayId, agent }, { body, groupId, deduplicationId }, { signal } = {}) {
      const queue = `${relayId}/${agent}`;
      const size = Buffer.byteLength(body);
      if (size > MAX_MESSAGE_BYTES) {
        throw new ContextTooLargeError({ what: "a message", limit: MAX_MESSAGE_BYTES, size });
      }
      await writeDurably({ operation: "send", subject: `queue ${queue}`, signal }, (sql) => {
        if (accept(sql, queue, deduplicationId)) enqueue(sql, queue, groupId, body);
      });
      wake.ring(queue);
    },

    async receive({ relayId, agent }, { max, waitMs, signal, ...options }) {
      const queue = `${relayId}/${agent}`;
      const call = { operation: "receive", subject: `queue ${queue}`, signal };
      const visibilityMs = waitOf(options.visibilityMs);
      const until = clock.now() + waitMs;
      // Everything here is synchronous underneath: without this turn a busy worker would starve its own timers.
      await new Promise<void>((resolve) => setImmediate(resolve));

      let listener: ReturnType<Wake["listen"]> | undefined;
      try {
        for (;;) {
          const first = await read(call, (sql) => sql.get<{ due_at: number }>(QUEUE_SQL.nextDue, queue));
          const now = clock.now();
          // Only what may be found is worth a transaction: an idle worker writes nothing.
          if (first !== undefined && first.due_at <= now) {
            const rows = await write(call, (sql) => take(sql, queue, max, visibilityMs));
            if (rows.length > 0) return rows.map((row) => createDelivery({ row, database, wake, clock }));
          }
          if (now >= until) return [];
          // Having begun to listen it looks again, since something may have come in between.
          if (listener === undefined) listener = wake.listen(queue);
          else await listener.wait(Math.min(until, first?.due_at ?? until) - now, signal);
        }
      } catch (error) {
        if (signal?.aborted === true) return [];
        throw error;
      } finally {
        listener?.stop();
      }
    },

    async *deadLetters({ relayId, agent }, { signal } = {}) {
      const queue = `${relayId}/${agent}`;
      const call = { operation: "list the dead letters", subject: `queue ${queue}`, signal };
      const rows = pages<DeadLetterRow>(
        (last) => read(call, (sql) => sql.all(QUEUE_SQL.deadAfter, queue, last?.seq ?? 0, PAGE_ROWS)),
        signal,
      );
      for await (const { id, group_id, body, reason } of rows) yield { id, groupId: group_id, body, reason };
    },

    async redrive({ relayId, agent }, { ids, signal } = {}) {
      const queue = `${relayId}/${agent}`;
      const count = await writeDurably({ operation: "redrive", subject: `queue ${queue}`, signal }, (sql) => {
        if (ids === undefined) return unburyAll(sql, queue);
        const letters = [...new Set(ids)].flatMap((id) => sql.all<DeadLetterRow>(QUEUE_SQL.dead, queue, id));
        unbury(sql, queue, letters);
        return letters.length;
      });
      wake.ring(queue);
      return count;
    },
  };
}
