import { openSqlite } from "../sqlite.js";

const TABLES = ["objects", "messages", "accepted", "dead_letters", "events", "tasks", "intents", "syncs"];

/** Everything that a database holds, as one text, seen by a connection of its own. */
export function contentsOf(file: string): string {
  const connection = openSqlite(file);
  try {
    connection.execute("BEGIN");
    const tables = TABLES.map((table) => [table, connection.all(`SELECT * FROM ${table}`)]);
    return JSON.stringify(tables, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value,
    );
  } finally {
    connection.execute("COMMIT");
    connection.close();
  }
}

/** The rows of a query, seen by a connection of its own. */
export function queryFile<Row>(file: string, sql: string): readonly Row[] {
  const connection = openSqlite(file);
  try {
    return connection.all<Row>(sql);
  } finally {
    connection.close();
  }
}
