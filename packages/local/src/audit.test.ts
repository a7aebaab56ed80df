import { join } from "node:path";
import { ContextTooLargeError, type Json } from "@agenthandoff/core";
import { describe, expect, it } from "vitest";
import { DATABASE_FILE } from "./connections.js";
import { MAX_EVENT_BYTES } from "./limits.js";
import { openSqlite } from "./sqlite.js";
import { testDirectory } from "./testing/directory.js";

const ids = { relayId: "relay", taskId: "task", hop: 0, kind: "kind", at: "2026-01-01T00:00:00.000Z" };

describe("the audit log", () => {
  it("keeps and reads back an event that is nested as deeply as its size allows", async () => {
    await using directory = testDirectory();
    const { audit } = directory.open();
    let deep: Json = "bottom";
    for (let level = 0; level < 100_000; level++) deep = [deep];
    await audit.append({ ...ids, id: "1", detail: { deep } });
    await audit.append({ ...ids, id: "2", detail: {} });
    const kept: string[] = [];
    for await (const event of audit.events("relay", "task")) {
      kept.push(event.id);
      let level: Json | undefined = event.detail.deep;
      while (Array.isArray(level)) level = level[0] as Json;
      expect(level).toBe(event.id === "1" ? "bottom" : undefined);
    }
    expect(kept).toEqual(["1", "2"]);
  });

  it("keeps names that mean something to JavaScript, through an erasure too", async () => {
    await using directory = testDirectory();
    const { audit } = directory.open();
    const detail = JSON.parse('{"__proto__": {"a": 1}, "constructor": "b", "gone": "c"}') as Record<string, Json>;
    await audit.append({ ...ids, id: "1", detail });
    await audit.erase("relay", "task", ["__proto__", "constructor"]);
    for await (const event of audit.events("relay", "task")) {
      expect(JSON.stringify(event.detail)).toBe('{"__proto__":{"a":1},"constructor":"b"}');
    }
  });

  it.each(["null", "[]", "{}", '{"id":"1","kind":"committed","hop":0}', "{", '{"hop":1e999}'])(
    "names an event that somebody wrote over with %s",
    async (json) => {
      await using directory = testDirectory();
      const { audit } = directory.open();
      await audit.append({ ...ids, id: "1", detail: {} });
      const connection = openSqlite(join(directory.path, DATABASE_FILE));
      connection.run("UPDATE events SET event = ?", json);
      connection.close();
      const reading = async () => {
        for await (const event of audit.events("relay", "task")) expect.unreachable(event.id);
      };
      await expect(reading()).rejects.toMatchObject({
        code: "AUDIT",
        retryable: false,
        cause: { code: "CONTEXT_INTEGRITY" },
      });
    },
  );

  it("refuses an event that is too large, and moves no row for it", async () => {
    await using directory = testDirectory();
    const { audit } = directory.open();
    const row = {
      relayId: "relay",
      taskId: "task",
      status: "running",
      headHop: 1,
      headSha256: "",
      agent: null,
    } as const;
    const appending = audit.append(
      { ...ids, id: "1", detail: { text: "x".repeat(MAX_EVENT_BYTES) } },
      { row: { ...row, updatedAt: ids.at, damaged: false } },
    );
    await expect(appending).rejects.toBeInstanceOf(ContextTooLargeError);
    expect(await audit.task("relay", "task")).toBeUndefined();
  });
});
