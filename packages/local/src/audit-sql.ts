/** All SQL of the audit log. */
export const AUDIT_SQL = {
  append: `
    INSERT INTO events (relay_id, task_id, id, hop, agent, at, event) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (relay_id, task_id, id) DO NOTHING`,
  // Forward only: a row never goes back to an earlier head.
  advance: `
    INSERT INTO tasks (relay_id, task_id, status, head_hop, head_sha256, agent, updated_at, damaged)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (relay_id, task_id) DO UPDATE SET
      status = excluded.status, head_hop = excluded.head_hop, head_sha256 = excluded.head_sha256,
      agent = excluded.agent, updated_at = excluded.updated_at, damaged = excluded.damaged
    WHERE excluded.head_hop > tasks.head_hop`,
  damage: "UPDATE tasks SET damaged = ? WHERE relay_id = ? AND task_id = ?",
  events: "SELECT seq, id, at, event FROM events WHERE relay_id = ? AND task_id = ? AND id > ? ORDER BY id LIMIT ?",
  eventsOfHop: `
    SELECT seq, id, at, event FROM events
    WHERE relay_id = ? AND task_id = ? AND hop = ? AND id > ? ORDER BY id LIMIT ?`,
  eventsByAgent: `
    SELECT seq, id, at, event FROM events
    WHERE relay_id = ? AND agent = ? AND (at, seq) > (?, ?) ORDER BY at, seq LIMIT ?`,
  blank: "UPDATE events SET event = ? WHERE seq = ?",
  eraseTask: "UPDATE tasks SET status = 'erased' WHERE relay_id = ? AND task_id = ?",
  task: "SELECT * FROM tasks WHERE relay_id = ? AND task_id = ?",
  tasks: "SELECT * FROM tasks WHERE relay_id = ? AND task_id > ? ORDER BY task_id LIMIT ?",
  // Said outright, since SQLite would rather walk the primary key, past every task that has ended.
  tasksByStatus:
    "SELECT * FROM tasks INDEXED BY tasks_status WHERE relay_id = ? AND status = ? AND task_id > ? ORDER BY task_id LIMIT ?",
  intend: `
    INSERT OR REPLACE INTO intents (relay_id, task_id, intent_id, request_id, operation, at) VALUES (?, ?, ?, ?, ?, ?)`,
  settle: "DELETE FROM intents WHERE relay_id = ? AND task_id = ? AND intent_id = ?",
  intents: `
    SELECT * FROM intents WHERE relay_id = ? AND (task_id, intent_id) > (?, ?) ORDER BY task_id, intent_id LIMIT ?`,
} as const;

export interface EventRow {
  readonly seq: number;
  readonly id: string;
  readonly at: string;
  readonly event: string;
}

export interface TaskTableRow {
  readonly relay_id: string;
  readonly task_id: string;
  readonly status: string;
  readonly head_hop: number;
  readonly head_sha256: string;
  readonly agent: string | null;
  readonly updated_at: string;
  readonly damaged: number;
}

export interface IntentRow {
  readonly relay_id: string;
  readonly task_id: string;
  readonly intent_id: string;
  readonly request_id: string;
  readonly operation: string;
  readonly at: string;
}
