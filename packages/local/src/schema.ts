import type { SqliteConnection } from "./sqlite.js";

/** Marks a database file as this package's (`agnt`), as SQLite suggests with `PRAGMA application_id`. */
export const APPLICATION_ID = 0x61676e74;

/**
 * What brings a database from each version to the next; `PRAGMA user_version` counts those that were applied. Never
 * edit one that was released: add another.
 */
const MIGRATIONS: readonly string[] = [
  `
  -- Slots, blobs and checkpoints. A key's bytes are found by key, and listed by the index alone.
  CREATE TABLE objects (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    bytes BLOB NOT NULL
  ) STRICT;

  -- The first message of each group has a due_at: when it may be received (again). Those behind it have none, so that
  -- a look for work touches only what is due, however long the queue. seq is the order of acceptance.
  CREATE TABLE messages (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    queue TEXT NOT NULL,
    group_id TEXT NOT NULL,
    body TEXT NOT NULL,
    receive_count INTEGER NOT NULL DEFAULT 0,
    held INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER
  ) STRICT;
  CREATE INDEX messages_due ON messages (queue, due_at) WHERE due_at IS NOT NULL;
  CREATE INDEX messages_group ON messages (queue, group_id);

  -- Which deduplication ids were accepted, in the order of seq. It outlives the messages.
  CREATE TABLE accepted (
    seq INTEGER PRIMARY KEY,
    queue TEXT NOT NULL,
    deduplication_id TEXT NOT NULL,
    accepted_at INTEGER NOT NULL,
    UNIQUE (queue, deduplication_id)
  ) STRICT;

  CREATE TABLE dead_letters (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    queue TEXT NOT NULL,
    group_id TEXT NOT NULL,
    body TEXT NOT NULL,
    reason TEXT NOT NULL,
    UNIQUE (queue, id)
  ) STRICT;
  CREATE INDEX dead_letters_queue ON dead_letters (queue);

  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    relay_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    id TEXT NOT NULL,
    hop INTEGER NOT NULL,
    agent TEXT,
    at TEXT NOT NULL,
    event TEXT NOT NULL,
    UNIQUE (relay_id, task_id, id)
  ) STRICT;
  CREATE INDEX events_hop ON events (relay_id, task_id, hop, id);
  CREATE INDEX events_agent ON events (relay_id, agent, at) WHERE agent IS NOT NULL;

  CREATE TABLE tasks (
    relay_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    status TEXT NOT NULL,
    head_hop INTEGER NOT NULL,
    head_sha256 TEXT NOT NULL,
    agent TEXT,
    updated_at TEXT NOT NULL,
    damaged INTEGER NOT NULL,
    PRIMARY KEY (relay_id, task_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tasks_status ON tasks (relay_id, status, task_id);

  CREATE TABLE intents (
    relay_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    intent_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (relay_id, task_id, intent_id)
  ) STRICT, WITHOUT ROWID;

  -- One row that a sync without any other change writes to, since only a commit with a change syncs.
  CREATE TABLE syncs (id INTEGER PRIMARY KEY, count INTEGER NOT NULL) STRICT;
  INSERT INTO syncs VALUES (1, 0);
  `,
];

/** The newest version of the schema that this package knows. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;

/** What a database file turned out to hold. */
export type Found = "current" | "older" | "newer" | "empty" | "foreign";

/** Tells what the file holds, from one snapshot and without changing it. */
export function inspect(connection: SqliteConnection): Found {
  connection.execute("BEGIN");
  try {
    const tables = connection.get<{ count: number }>("SELECT count(*) AS count FROM sqlite_schema")?.count;
    const application = connection.get<{ application_id: number }>("PRAGMA application_id")?.application_id;
    const version = connection.get<{ user_version: number }>("PRAGMA user_version")?.user_version ?? 0;
    if (application !== APPLICATION_ID) return tables === 0 && application === 0 ? "empty" : "foreign";
    if (version === SCHEMA_VERSION) return "current";
    return version < SCHEMA_VERSION ? "older" : "newer";
  } finally {
    connection.execute("COMMIT");
  }
}

/** Brings the schema up to date, in the caller's transaction. Does nothing where another process was faster. */
export function migrate(connection: SqliteConnection): void {
  const version = connection.get<{ user_version: number }>("PRAGMA user_version")?.user_version ?? 0;
  for (const migration of MIGRATIONS.slice(version)) connection.execute(migration);
  connection.execute(`PRAGMA application_id = ${APPLICATION_ID}`);
  connection.execute(`PRAGMA user_version = ${SCHEMA_VERSION}`);
}
