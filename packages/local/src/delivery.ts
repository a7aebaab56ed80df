import { type Clock, type Delivery, InvalidOptionsError, TransportError } from "@agenthandoff/core";
import type { Database } from "./database.js";
import { guardedDatabase } from "./guarded-database.js";
import { MAX_REASON_CHARACTERS, MAX_VISIBILITY_MS } from "./limits.js";
import { type MessageRow, QUEUE_SQL } from "./queue-sql.js";
import type { SqliteConnection } from "./sqlite.js";
import type { Wake } from "./wake.js";

export interface DeliveryOptions {
  /** The message as it was taken, this receipt counted. */
  readonly row: MessageRow;
  readonly database: Database;
  readonly wake: Wake;
  readonly clock: Clock;
}

/** A visibility or delay as it counts: in milliseconds, at most the longest there is. */
export function waitOf(ms: number): number {
  // NULL, which SQLite makes of NaN, would hide the message for good.
  if (Number.isNaN(ms)) throw new InvalidOptionsError("a visibility or delay is not a number; give it in milliseconds");
  return Math.min(Math.max(ms, 0), MAX_VISIBILITY_MS);
}

/** The time that lies `ms` ahead, in whole milliseconds. */
export const timeFromNow = (clock: Clock, ms: number): number => Math.ceil(clock.now() + ms);

/** One receipt. Its lease is the row's own receive count, and holds until the row shows another or is gone. */
export function createDelivery({ row, database, wake, clock }: DeliveryOptions): Delivery {
  const { seq, id, queue, group_id: groupId, body, receive_count: receiveCount } = row;
  const { write } = guardedDatabase(database, TransportError);

  async function whileHeld(
    operation: string,
    change: (sql: SqliteConnection) => number,
  ): Promise<"done" | "lease-lost"> {
    const changed = await write({ operation, subject: `message ${id} in queue ${queue}` }, change);
    if (changed === 0) return "lease-lost";
    wake.ring(queue);
    return "done";
  }

  function remove(sql: SqliteConnection): number {
    const removed = sql.run(QUEUE_SQL.removeHeld, seq, id, receiveCount);
    if (removed > 0) sql.run(QUEUE_SQL.promote, timeFromNow(clock, 0), queue, groupId);
    return removed;
  }

  async function postpone(operation: string, change: string, ms: number): Promise<"done" | "lease-lost"> {
    const wait = waitOf(ms);
    return await whileHeld(operation, (sql) => sql.run(change, timeFromNow(clock, wait), seq, id, receiveCount));
  }

  return {
    id: `${id}.${receiveCount}`,
    body,
    groupId,
    receiveCount,
    acknowledge: () => whileHeld("acknowledge", remove),
    extend: (visibilityMs) => postpone("extend", QUEUE_SQL.extend, visibilityMs),
    release: (delayMs) => postpone("release", QUEUE_SQL.release, delayMs),
    reject: (reason) =>
      whileHeld("reject", (sql) => {
        const removed = remove(sql);
        // Cutting may leave half a character at the end, which UTF-8 cannot hold.
        const kept = reason.slice(0, MAX_REASON_CHARACTERS).replace(/[\uD800-\uDBFF]$/, "");
        if (removed > 0) sql.run(QUEUE_SQL.bury, id, queue, groupId, body, kept);
        return removed;
      }),
  };
}
