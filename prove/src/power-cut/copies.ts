import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DATABASE_FILE } from "../../../packages/local/src/connections.js";
import { openSqlite } from "../../../packages/local/src/sqlite.js";
import type { Disk } from "./disk.js";

/** Copies of a disk, in directories that go when they are no longer needed. */
export interface Copies {
  with<Result>(disk: Disk, use: (directory: string) => Result): Result;
  remove(): void;
}

export function createCopies(): Copies {
  // In memory where that is possible: how long a sync of a copy takes proves nothing.
  const parent = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "agenthandoff-cut-"));
  let count = 0;
  return {
    with(disk, use) {
      const directory = join(parent, String(count++));
      mkdirSync(directory);
      for (const [file, bytes] of disk) writeFileSync(join(directory, file), bytes);
      const clear = () => rmSync(directory, { recursive: true, force: true });
      const result = use(directory);
      if (result instanceof Promise) return result.finally(clear) as typeof result;
      clear();
      return result;
    },
    remove: () => rmSync(parent, { recursive: true, force: true }),
  };
}

export interface Message {
  readonly relayId: string;
  readonly taskId: string;
  readonly hop: number;
  readonly sha256: string;
}

/** What a database holds, as SQLite finds it after a power cut. */
export interface Contents {
  /** Equal for equal contents. */
  readonly fingerprint: string;
  readonly integrity: string;
  /** Envelopes that wait, or lie in the dead-letter queues. */
  readonly messages: readonly Message[];
}

const TABLES = ["objects", "messages", "accepted", "dead_letters", "events", "tasks", "intents"];

/** Opens the database as it is, so that SQLite makes of it what it can. @throws SQLite's error */
export function readContents(directory: string): Contents {
  const connection = openSqlite(join(directory, DATABASE_FILE));
  try {
    const schema = connection.get<{ count: number }>("SELECT count(*) AS count FROM sqlite_schema")?.count;
    const hash = createHash("sha256");
    if (schema === 0) return { fingerprint: "empty", integrity: "ok", messages: [] };
    for (const table of TABLES) {
      hash.update(`\n${table}\n`);
      for (const row of connection.all<Record<string, unknown>>(`SELECT * FROM ${table}`)) {
        for (const value of Object.values(row)) hash.update(value instanceof Uint8Array ? value : `${value} `);
      }
    }
    const integrity = connection.all<{ integrity_check: string }>("PRAGMA integrity_check");
    const bodies = connection.all<{ body: string }>(
      "SELECT body FROM messages UNION ALL SELECT body FROM dead_letters",
    );
    return {
      fingerprint: hash.digest("hex"),
      integrity: integrity.map((row) => row.integrity_check).join("; "),
      messages: bodies.map(({ body }) => messageOf(JSON.parse(body) as Record<string, unknown>)),
    };
  } finally {
    connection.close();
  }
}

function messageOf(envelope: Record<string, unknown>): Message {
  const { relay_id: relayId, task_id: taskId, hop, handoff_sha256: sha256 } = envelope;
  return { relayId: String(relayId), taskId: String(taskId), hop: Number(hop), sha256: String(sha256) };
}
