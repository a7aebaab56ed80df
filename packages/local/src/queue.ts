import {
  type Clock,
  ContextTooLargeError,
  type QueueAddress,
  type Random,
  type Transport,
  TransportError,
} from "@agenthandoff/core";
import type { Database } from "./database.js";
import { createDelivery, timeFromNow, waitOf } from "./delivery.js";
import { guardedBy } from "./errors.js";
import { DEDUPLICATION_MS, MAX_MESSAGE_BYTES, MAX_VISIBILITY_MS } from "./limits.js";
import { PAGE_ROWS, pages } from "./pages.js";
import { type DeadLetterRow, type MessageRow, QUEUE_SQL } from "./queue-sql.js";
import type { SqliteConnection } from "./sqlite.js";
import type { Wake } from "./wake.js";

export interface QueueOptions {
  readonly database: Database;
  readonly wake: Wake;
  readonly maxReceiveCount: number;
  readonly deduplicationMs?: number;
  readonly clock: Clock;
  readonly random: Random;
}

const guarded = guardedBy(TransportError);

/** A queue's name in the database: neither a relay's id nor an agent's name can hold a slash. */
const nameOf = ({ relayId, agent }: QueueAddress): string => `${relayId}/${agent}`;

/** FIFO queues in the database. At most one message of a group, its first, is held at any time. */
export function localTransport(queueOptions: QueueOptions): Transport {
  const { database, wake, maxReceiveCount, clock, random, deduplicationMs = DEDUPLICATION_MS } = queueOptions;

  function enqueue(sql: SqliteConnection, queue: string, groupId: string, body: string): void {
    sql.run(QUEUE_SQL.enqueue, random.id(), queue, groupId, body, clock.now());
  }

  /** Notes the id. `false` where it was accepted not long ago. */
  function accept(sql: SqliteConnection, queue: string, deduplicationId: string): boolean {
    const forgotten = clock.now() - deduplicationMs;
    const earlier = sql.get<{ accepted_at: number }>(QUEUE_SQL.accepted, queue, deduplicationId);
    if (earlier !== undefined && earlier.accepted_at > forgotten) return false;
    sql.run(QUEUE_SQL.accept, queue, deduplicationId, clock.now());
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
    sql.run(QUEUE_SQL.promote, clock.now(), queue, group_id);
  }

  /** When the queue's next message is due, if there is one. */
  const nextDue = (queue: string): Promise<number> =>
    database.read((sql) => sql.get<{ due_at: number }>(QUEUE_SQL.nextDue, queue)?.due_at ?? Number.POSITIVE_INFINITY);

  function unbury(sql: SqliteConnection, queue: string, letters: readonly DeadLetterRow[]): void {
    for (const { seq, group_id, body } of letters) {
      // A new message with an id of its own: its count begins anew, and no delivery id comes twice.
      enqueue(sql, queue, group_id, body);
      sql.run(QUEUE_SQL.unbury, seq);
    }
  }

  return {
    maxMessageBytes: MAX_MESSAGE_BYTES,
    maxVisibilityMs: MAX_VISIBILITY_MS,
    deduplicationMs,

    async send(address, { body, groupId, deduplicationId }, { signal } = {}) {
      signal?.throwIfAborted();
      const size = Buffer.byteLength(body);
      if (size > MAX_MESSAGE_BYTES) {
        throw new ContextTooLargeError({ what: "a message", limit: MAX_MESSAGE_BYTES, size });
      }
      const queue = nameOf(address);
      await guarded("send", `queue ${queue}`, () =>
        database.writeDurably((sql) => {
          if (accept(sql, queue, deduplicationId)) enqueue(sql, queue, groupId, body);
        }),
      );
      wake.ring(queue);
    },

    async receive(address, { max, waitMs, signal, ...options }) {
      const visibilityMs = waitOf(options.visibilityMs);
      const queue = nameOf(address);
      const until = clock.now() + waitMs;
      // Everything here is synchronous underneath: without this turn a busy worker would starve its own timers.
      await new Promise<void>((resolve) => setImmediate(resolve));

      return await guarded("receive", `queue ${queue}`, async () => {
        const look = async (): Promise<readonly MessageRow[] | { readonly nextDue: number }> => {
          const due = await nextDue(queue);
          // Only what may be found is worth a transaction: an idle worker writes nothing.
          if (due > clock.now()) return { nextDue: due };
          const rows = await database.write((sql) => take(sql, queue, max, visibilityMs));
          return rows.length > 0 ? rows : { nextDue: await nextDue(queue) };
        };
        const listener = waitMs > 0 ? wake.listen(queue) : undefined;
        try {
          for (;;) {
            if (signal?.aborted === true) return [];
            const found = await look();
            if (!("nextDue" in found)) {
              return found.map((row) => createDelivery({ row, database, wake, clock }));
            }
            const now = clock.now();
            if (listener === undefined || now >= until) return [];
            await listener.wait(Math.min(until, found.nextDue) - now, signal);
          }
        } finally {
          listener?.stop();
        }
      });
    },

    async *deadLetters(address, { signal } = {}) {
      const queue = nameOf(address);
      const rows = pages<DeadLetterRow>(
        (last) =>
          guarded("list the dead letters", `queue ${queue}`, () =>
            database.read((sql) => sql.all(QUEUE_SQL.deadAfter, queue, last?.seq ?? 0, PAGE_ROWS)),
          ),
        signal,
      );
      for await (const { id, group_id, body, reason } of rows) yield { id, groupId: group_id, body, reason };
    },

    async redrive(address, { ids, signal } = {}) {
      signal?.throwIfAborted();
      const queue = nameOf(address);
      const count = await guarded("redrive", `queue ${queue}`, () =>
        database.writeDurably((sql) => {
          let moved = 0;
          if (ids !== undefined) {
            for (const id of new Set(ids)) {
              const letters = sql.all<DeadLetterRow>(QUEUE_SQL.dead, queue, id);
              unbury(sql, queue, letters);
              moved += letters.length;
            }
            return moved;
          }
          for (;;) {
            const letters = sql.all<DeadLetterRow>(QUEUE_SQL.deadAfter, queue, 0, PAGE_ROWS);
            unbury(sql, queue, letters);
            moved += letters.length;
            if (letters.length < PAGE_ROWS) return moved;
          }
        }),
      );
      wake.ring(queue);
      return count;
    },
  };
}
