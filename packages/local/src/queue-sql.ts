/** All SQL of the queue. `schema.ts` says what the columns mean. */
export const QUEUE_SQL = {
  accepted: "SELECT accepted_at FROM accepted WHERE queue = ? AND deduplication_id = ?",
  // A new row each time, so that rows are in the order of their times and the oldest are found without an index.
  accept: "INSERT OR REPLACE INTO accepted (queue, deduplication_id, accepted_at) VALUES (?, ?, ?)",
  forget: `
    DELETE FROM accepted
    WHERE seq IN (SELECT seq FROM accepted ORDER BY seq LIMIT 2) AND accepted_at <= ?`,
  enqueue: `
    INSERT INTO messages (id, queue, group_id, body, due_at)
    SELECT ?1, ?2, ?3, ?4, CASE WHEN EXISTS (SELECT 1 FROM messages WHERE queue = ?2 AND group_id = ?3) THEN NULL ELSE ?5 END`,
  nextDue: "SELECT due_at FROM messages WHERE queue = ? AND due_at IS NOT NULL ORDER BY due_at LIMIT 1",
  // The group that has been due longest comes first, so that no group's backlog keeps another waiting.
  due: `
    SELECT seq, id, queue, group_id, body, receive_count FROM messages
    WHERE queue = ? AND due_at <= ? ORDER BY due_at, seq LIMIT ?`,
  take: "UPDATE messages SET receive_count = ?, held = 1, due_at = ? WHERE seq = ?",
  remove: "DELETE FROM messages WHERE seq = ?",
  removeHeld: "DELETE FROM messages WHERE seq = ? AND id = ? AND receive_count = ? AND held = 1",
  extend: "UPDATE messages SET due_at = ? WHERE seq = ? AND id = ? AND receive_count = ? AND held = 1",
  release: "UPDATE messages SET due_at = ?, held = 0 WHERE seq = ? AND id = ? AND receive_count = ? AND held = 1",
  /** After the first message of a group has left: the one behind it is due. */
  promote: `
    UPDATE messages SET due_at = ?1
    WHERE seq = (SELECT min(seq) FROM messages WHERE queue = ?2 AND group_id = ?3) AND due_at IS NULL`,
  bury: "INSERT INTO dead_letters (id, queue, group_id, body, reason) VALUES (?, ?, ?, ?, ?)",
  deadAfter: `
    SELECT seq, id, group_id, body, reason FROM dead_letters WHERE queue = ? AND seq > ? ORDER BY seq LIMIT ?`,
  dead: "SELECT seq, id, group_id, body, reason FROM dead_letters WHERE queue = ? AND id = ?",
  unbury: "DELETE FROM dead_letters WHERE seq = ?",
} as const;

export interface MessageRow {
  readonly seq: number;
  readonly id: string;
  readonly queue: string;
  readonly group_id: string;
  readonly body: string;
  readonly receive_count: number;
}

export interface DeadLetterRow {
  readonly seq: number;
  readonly id: string;
  readonly group_id: string;
  readonly body: string;
  readonly reason: string;
}
