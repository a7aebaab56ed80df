import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DATABASE_FILE } from "./connections.js";
import { queryFile } from "./testing/contents.js";
import { testDirectory } from "./testing/directory.js";

const queue = { relayId: "relay", agent: "agent" };
const message = { body: "body", groupId: "group", deduplicationId: "1" };

describe("what is written to the log", () => {
  it("is something for each durable call, since a commit syncs the log only with what it adds", async () => {
    await using directory = testDirectory();
    const backend = directory.open();
    const log = join(directory.path, `${DATABASE_FILE}-wal`);
    const grows = async (call: () => Promise<unknown>): Promise<boolean> => {
      const before = statSync(log).size;
      await call();
      return statSync(log).size > before;
    };
    const at = "2026-01-01T00:00:00.000Z";
    const ids = { relayId: "relay", taskId: "task" };
    const row = {
      ...ids,
      status: "completed" as const,
      headHop: 1,
      headSha256: "",
      agent: null,
      updatedAt: at,
      damaged: false,
    };
    const append = () => backend.audit.append({ ...ids, id: "1", hop: 1, kind: "committed", at, detail: {} }, { row });
    await backend.transport.send(queue, message);
    await append();
    expect(await grows(() => backend.transport.send(queue, message)), "a message that is dropped").toBe(true);
    expect(await grows(append), "an event and a row that exist").toBe(true);
    expect(await grows(() => backend.transport.redrive(queue)), "a redrive of nothing").toBe(true);
    await backend.store.putIfAbsent("key", Buffer.from("x"));
    expect(await grows(async () => await backend.flush?.()), "a flush after a write").toBe(true);
    await directory.open().store.putIfAbsent("other", Buffer.from("x"));
    expect(await grows(async () => await backend.flush?.()), "a flush after another's write").toBe(true);
    expect(await grows(async () => await backend.flush?.()), "a flush with nothing to do").toBe(false);
  });

  it("is nothing while a worker waits for messages, or renews nothing", async () => {
    await using directory = testDirectory();
    const backend = directory.open();
    const log = join(directory.path, `${DATABASE_FILE}-wal`);
    await backend.transport.send(queue, message);
    await backend.transport.receive(queue, { max: 1, waitMs: 0, visibilityMs: 600_000 });
    const before = statSync(log).size;
    for (const waitMs of [0, 60]) {
      expect(await backend.transport.receive(queue, { max: 10, waitMs, visibilityMs: 1_000 })).toEqual([]);
    }
    expect(statSync(log).size).toBe(before);
  });

  it("is emptied into the database by close", async () => {
    await using directory = testDirectory();
    const backend = directory.open();
    for (let number = 0; number < 20; number++) await backend.store.putIfAbsent(`${number}`, Buffer.alloc(9_000));
    await backend.close();
    const log = statSync(join(directory.path, `${DATABASE_FILE}-wal`), { throwIfNoEntry: false });
    expect(log?.size ?? 0).toBe(0);
    const [row] = queryFile<{ count: number }>(
      join(directory.path, DATABASE_FILE),
      "SELECT count(*) AS count FROM objects",
    );
    expect(row?.count).toBe(20);
  });

  it("is readable by nobody but its owner", async () => {
    await using directory = testDirectory();
    await directory.open().store.putIfAbsent("key", Buffer.from("x"));
    const modes = ["", DATABASE_FILE, `${DATABASE_FILE}-wal`, `${DATABASE_FILE}-shm`].map(
      (name) => statSync(join(directory.path, name)).mode & 0o777,
    );
    if (process.platform !== "win32") expect(modes).toEqual([0o700, 0o600, 0o600, 0o600]);
  });
});
