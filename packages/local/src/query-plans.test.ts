import { describe, expect, it } from "vitest";
import { AUDIT_SQL } from "./audit-sql.js";
import { openConnections } from "./connections.js";
import { QUEUE_SQL } from "./queue-sql.js";
import { STORE_SQL } from "./store.js";
import { testDirectory } from "./testing/directory.js";

/** Reads rows in the order of a table until it has a few: bounded by its LIMIT. */
const BOUNDED = new Set<string>([QUEUE_SQL.forget]);

describe("no statement reads more than it needs, however much the database holds", () => {
  it.each(Object.entries({ ...STORE_SQL, ...QUEUE_SQL, ...AUDIT_SQL }))(
    "%s finds its rows by an index, in their order",
    async (_, sql) => {
      await using directory = testDirectory();
      const { relaxed, durable } = openConnections(directory.path, { waitMs: 0, anyFileSystem: false });
      const plan = relaxed.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).map(({ detail }) => detail);
      const costly = plan.filter(
        (detail) => /TEMP B-TREE/.test(detail) || (/^SCAN /.test(detail) && !BOUNDED.has(sql)),
      );
      if (sql === AUDIT_SQL.tasksByStatus) expect(plan.join()).toContain("tasks_status (relay_id=? AND status=?");
      expect(costly.filter((detail) => detail !== "SCAN CONSTANT ROW")).toEqual([]);
      for (const connection of [relaxed, durable]) connection.close();
    },
  );
});
