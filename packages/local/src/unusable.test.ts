import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Backend, BackendUnusableError, hasCode } from "@agenthandoff/core";
import { describe, expect, it } from "vitest";
import { DATABASE_FILE } from "./connections.js";
import { local } from "./local.js";
import { SCHEMA_VERSION } from "./schema.js";
import { openSqlite, type SqliteConnection } from "./sqlite.js";
import { type TestDirectory, testDirectory } from "./testing/directory.js";
import { smallFileSystem, whyNoMounts } from "./testing/file-system.js";
import { startChild } from "./testing/processes.js";

const noMounts = whyNoMounts();
const noRoot = process.getuid?.() === 0 ? undefined : "only root can give up its permissions; run as root on Linux";
const queue = { relayId: "relay", agent: "agent" };
const message = (id: string) => ({ body: "body", groupId: "group", deduplicationId: id });
const event = (id: string) => ({
  ...{ id, relayId: "relay", taskId: "task", hop: 0, kind: "kind" },
  ...{ at: "2026-01-01T00:00:00.000Z", detail: {} },
});

/** Changes a database as only damage can: its tables have no rules meanwhile. */
function withoutRules(file: string, change: (sql: SqliteConnection) => void): void {
  const before = readFileSync(file, "latin1");
  const rules = [...before.matchAll(/(?<!IS )NOT NULL|STRICT/g)].map(({ 0: text, index }) => ({ text, index }));
  const write = (textOf: (rule: { text: string }) => string) => {
    const bytes = readFileSync(file);
    for (const rule of rules) bytes.write(textOf(rule), rule.index, "latin1");
    writeFileSync(file, bytes);
  };
  write(({ text }) => " ".repeat(text.length));
  const sql = openSqlite(file);
  change(sql);
  sql.close();
  write(({ text }) => text);
}

/** The error with which a directory is refused. */
function refusal(directory: string): BackendUnusableError {
  try {
    local({ directory });
  } catch (error) {
    if (error instanceof BackendUnusableError) return error;
    throw error;
  }
  throw new Error("the directory was not refused");
}

/** The database's file in a directory that holds one, closed. */
async function existing(directory: TestDirectory): Promise<string> {
  const backend = directory.open();
  for (let number = 0; number < 50; number++) await backend.store.putIfAbsent(`key/${number}`, Buffer.alloc(3_000, 1));
  await backend.close();
  return join(directory.path, DATABASE_FILE);
}

function alter(file: string, sql: string): void {
  const connection = openSqlite(file);
  connection.execute(sql);
  connection.close();
}

describe("a directory that cannot be used is refused with the reason and what to do", () => {
  it("newer-version: made by a newer version", async () => {
    await using directory = testDirectory();
    alter(await existing(directory), `PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    expect(refusal(directory.path)).toMatchObject({
      reason: "newer-version",
      message: expect.stringMatching(/upgrade/),
    });
  });

  it.each([
    ["with an id of its own", "PRAGMA application_id = 7"],
    ["without an id", "CREATE TABLE notes (text)"],
  ])("foreign: the database of another program, %s, which is left as it was", async (_, sql) => {
    await using directory = testDirectory();
    mkdirSync(directory.path);
    const file = join(directory.path, DATABASE_FILE);
    alter(file, sql);
    const before = readFileSync(file);
    expect(refusal(directory.path)).toMatchObject({ reason: "foreign", message: expect.stringMatching(/another/) });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it("corrupt: a file that is no database, which is left as it was", async () => {
    await using directory = testDirectory();
    mkdirSync(directory.path);
    const file = join(directory.path, DATABASE_FILE);
    writeFileSync(file, "anything else ".repeat(1_000));
    expect(refusal(directory.path)).toMatchObject({ reason: "corrupt", message: expect.stringMatching(/restore/) });
    expect(readFileSync(file, "utf8")).toBe("anything else ".repeat(1_000));
  });

  it("corrupt: a log without its database, which SQLite would delete", async () => {
    await using directory = testDirectory();
    const file = await existing(directory);
    writeFileSync(`${file}-wal`, "the last commits");
    renameSync(file, `${file}.moved`);
    expect(refusal(directory.path)).toMatchObject({ reason: "corrupt", message: expect.stringMatching(/missing/) });
    writeFileSync(file, "");
    expect(refusal(directory.path)).toMatchObject({ reason: "corrupt", message: expect.stringMatching(/empty/) });
    expect(readFileSync(`${file}-wal`, "utf8")).toBe("the last commits");
  });

  it("corrupt: a database that was cut off", async () => {
    await using directory = testDirectory();
    // Made in a process of its own, whose end closes every file.
    await startChild("drain", directory.path).lines();
    truncateSync(join(directory.path, DATABASE_FILE), 20_480);
    expect(refusal(directory.path)).toMatchObject({ reason: "corrupt" });
  });

  it("corrupt: a database of ours whose header or tables are not what this package wrote", async () => {
    await using directory = testDirectory();
    const file = await existing(directory);
    const before = readFileSync(file);
    // The number of the schema's format (https://sqlite.org/fileformat.html).
    writeFileSync(file, Buffer.concat([before.subarray(0, 47), Buffer.of(9), before.subarray(48)]));
    expect(refusal(directory.path)).toMatchObject({ reason: "corrupt" });
    writeFileSync(file, before);
    alter(file, "DROP TABLE objects");
    await expect(directory.open().store.get("key/1")).rejects.toMatchObject({
      retryable: false,
      cause: { reason: "corrupt" },
    });
  });

  it("not, however, an empty file, which a process that died at its first moment may leave", async () => {
    await using directory = testDirectory();
    mkdirSync(directory.path);
    writeFileSync(join(directory.path, DATABASE_FILE), "");
    expect(await directory.open().store.putIfAbsent("key", Buffer.from("x"))).toBe("created");
  });

  it("not-a-directory: the path, or a part of it, is a file", async () => {
    await using directory = testDirectory();
    writeFileSync(directory.path, "a file");
    expect(refusal(directory.path)).toMatchObject({ reason: "not-a-directory" });
    expect(refusal(join(directory.path, "below"))).toMatchObject({ reason: "not-a-directory" });
  });

  it("permission: a directory, and a database, that this user may not write to", async (test) => {
    if (noRoot !== undefined) return test.skip(noRoot);
    await using directory = testDirectory();
    await existing(directory);
    const asNobody = async () => JSON.parse((await startChild("asNobody", directory.path).line()) ?? "") as unknown;
    const refused = { reason: "permission", message: expect.stringMatching(/permission/) };
    // Its parent belongs to root alone, then so does it, then so does the file in it.
    expect(await asNobody()).toMatchObject(refused);
    chmodSync(join(directory.path, ".."), 0o755);
    expect(await asNobody()).toMatchObject(refused);
    chmodSync(directory.path, 0o777);
    expect(await asNobody()).toMatchObject(refused);
    for (const name of readdirSync(directory.path)) chmodSync(join(directory.path, name), 0o666);
    expect(await startChild("asNobody", directory.path).line()).toBe("opened");
  });

  it("read-only: a file system that is mounted for reading", async (test) => {
    if (noMounts !== undefined) return test.skip(noMounts);
    using small = smallFileSystem(4_000_000);
    const directory = join(small.path, "data");
    // In a process of its own, whose end closes every file.
    await startChild("drain", directory).lines();
    small.makeReadOnly();
    expect(refusal(directory)).toMatchObject({ reason: "read-only", message: expect.stringMatching(/mount/) });
    expect(refusal(join(small.path, "new"))).toMatchObject({ reason: "read-only" });
  });

  it("disk-full: no room for a new database", (test) => {
    if (noMounts !== undefined) return test.skip(noMounts);
    using small = smallFileSystem(65_536);
    writeFileSync(join(small.path, "filler"), Buffer.alloc(49_152));
    expect(refusal(join(small.path, "data"))).toMatchObject({
      ...{ reason: "disk-full", retryable: true },
      message: expect.stringMatching(/free/),
    });
    rmSync(join(small.path, "filler"));
  });
});

describe("what breaks while a directory is in use is an error of the part that met it, and loses nothing", () => {
  const everyPart = (backend: Backend, id: string): readonly [code: string, call: () => Promise<unknown>][] => [
    ["STORE", () => backend.store.putIfAbsent(`new/${id}`, Buffer.alloc(100_000, 1))],
    ["TRANSPORT", () => backend.transport.send(queue, { ...message(id), body: "x".repeat(100_000) })],
    ["AUDIT", () => backend.audit.append({ ...event(id), detail: { text: "x".repeat(100_000) } })],
  ];

  it("disk-full: goes on by itself once there is room", async (test) => {
    if (noMounts !== undefined) return test.skip(noMounts);
    using small = smallFileSystem(3_000_000);
    const backend = local({ directory: join(small.path, "data") });
    const kept: string[] = [];
    let failure: unknown;
    for (let number = 0; failure === undefined; number++) {
      await backend.store.putIfAbsent(`key/${number}`, Buffer.alloc(50_000, number)).then(
        () => kept.push(`key/${number}`),
        (error: unknown) => {
          failure = error;
        },
      );
      if (number === 5) writeFileSync(join(small.path, "filler"), Buffer.alloc(1_000_000));
    }
    expect(failure).toMatchObject({ code: "STORE", retryable: true, cause: { reason: "disk-full" } });
    for (const [code, call] of everyPart(backend, "full")) {
      await expect(call()).rejects.toMatchObject({ code, retryable: true, cause: { reason: "disk-full" } });
    }
    rmSync(join(small.path, "filler"));
    for (const [, call] of everyPart(backend, "room")) await call();
    expect(kept.length).toBeGreaterThan(5);
    for (const key of kept) expect((await backend.store.get(key))?.[0]).toBe(Number(key.slice(4)) % 256);
    await backend.close();
  });

  it("corrupt: a damaged page is never taken for a missing key", async () => {
    await using directory = testDirectory();
    const file = await existing(directory);
    const bytes = readFileSync(file);
    bytes.fill(0xaa, 4_096);
    writeFileSync(file, bytes);
    const backend = directory.open();
    const corrupt = { code: "STORE", retryable: false, cause: { reason: "corrupt" } };
    await expect(backend.store.get("key/1")).rejects.toMatchObject(corrupt);
    await expect(backend.store.list("key/")[Symbol.asyncIterator]().next()).rejects.toMatchObject(corrupt);
  });

  it.each([
    ["NULL", "NULL"],
    ["a text", "'text'"],
  ])("corrupt: %s in place of an object's bytes is never taken for an object", async (_, value) => {
    await using directory = testDirectory();
    const file = await existing(directory);
    withoutRules(file, (sql) => sql.execute(`INSERT INTO objects (key, bytes) VALUES ('key/odd', ${value})`));
    const backend = directory.open();
    const corrupt = { code: "STORE", retryable: false, cause: { reason: "corrupt" } };
    await expect(backend.store.get("key/odd")).rejects.toMatchObject(corrupt);
    await expect(backend.store.get("key/odd", { range: { start: 0, end: 9 } })).rejects.toMatchObject(corrupt);
  });

  it("corrupt: a rule of its tables that no statement of ours would break is broken", async () => {
    await using directory = testDirectory();
    const file = await existing(directory);
    withoutRules(file, (sql) => sql.execute("UPDATE syncs SET count = NULL"));
    const backend = directory.open();
    const write = backend.store.putIfAbsent("key/new", new Uint8Array(1)).then(() => backend.flush?.());
    await expect(write).rejects.toMatchObject({ code: "BACKEND_UNUSABLE", reason: "corrupt" });
  });

  it.each([
    ["removed", (path: string) => rmSync(path, { recursive: true })],
    ["moved away", (path: string) => renameSync(path, `${path}.moved`)],
    [
      "replaced by a new one",
      (path: string) => {
        rmSync(path, { recursive: true });
        local({ directory: path });
      },
    ],
  ])("removed: the directory was %s, and nothing more is accepted", async (_, remove) => {
    await using directory = testDirectory();
    const backend = directory.open();
    for (const [, call] of everyPart(backend, "before")) await call();
    remove(directory.path);
    for (const [code, call] of everyPart(backend, "after")) {
      const error = await call().catch((error: unknown) => error);
      expect(hasCode(error, code as "STORE")).toBe(true);
      expect(error).toMatchObject({ retryable: false, cause: { reason: "removed" } });
    }
    await expect(backend.store.get("new/before")).rejects.toMatchObject({ cause: { reason: "removed" } });
    await expect(backend.transport.receive(queue, { max: 1, waitMs: 0, visibilityMs: 1 })).rejects.toMatchObject({
      cause: { reason: "removed" },
    });
  });
});
