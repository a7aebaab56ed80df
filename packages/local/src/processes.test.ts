import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { BackendUnusableError, StoreError } from "@agenthandoff/core";
import { describe, expect, it } from "vitest";
import { DATABASE_FILE } from "./connections.js";
import { openSqlite } from "./sqlite.js";
import { testDirectory } from "./testing/directory.js";
import { startChild } from "./testing/processes.js";

const queue = { relayId: "relay", agent: "agent" };

async function collect<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
}

/** What the files hold once every handle is gone, seen by a connection of its own. */
function inspectFiles(path: string) {
  const connection = openSqlite(join(path, DATABASE_FILE));
  const count = (table: string) => connection.get<{ count: number }>(`SELECT count(*) AS count FROM ${table}`)?.count;
  const integrity = connection.all<{ integrity_check: string }>("PRAGMA integrity_check");
  const found = {
    slots: count("objects") ?? 0,
    events: count("events") ?? 0,
    messages: count("messages") ?? 0,
    integrity: integrity.map((row) => row.integrity_check),
  };
  connection.close();
  return found;
}

describe("several processes on one directory", () => {
  it("may create it at one moment: all of them can work, and one of them wins each key", async () => {
    await using directory = testDirectory();
    const children = Array.from({ length: 6 }, () => startChild("create", directory.path));
    for (const child of children) expect(await child.line()).toBe("ready");
    for (const child of children) child.tell();
    const outcomes = await Promise.all(children.map((child) => child.line()));
    expect(outcomes.filter((outcome) => outcome === "created")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "exists")).toHaveLength(5);
    const keys = await collect(directory.open().store.list("own/"));
    expect(keys).toHaveLength(6);
  });

  it("lose nothing that was accepted when one is killed in the middle of a write", async () => {
    await using directory = testDirectory();
    const kills = Number(process.env.AGENTHANDOFF_KILLS ?? 5);
    let reported = -1;
    for (let kill = 0; kill < kills; kill++) {
      const child = startChild("hops", directory.path, String(reported + 1));
      const enough = 3 + Math.floor(Math.random() * 40);
      for (let lines = 0; lines < enough; lines++) reported = Number(await child.line());
      child.kill();
      for (const line of await child.lines()) reported = Number(line);
      await child.exited;

      const { slots, events, messages, integrity } = inspectFiles(directory.path);
      expect(integrity).toEqual(["ok"]);
      // What was told is there; what was under way is there as far as it came, in its order.
      expect(messages).toBeGreaterThanOrEqual(reported + 1);
      expect(events).toBeGreaterThanOrEqual(messages);
      expect(slots).toBeGreaterThanOrEqual(events);
      expect(slots).toBeLessThanOrEqual(reported + 2);
    }
  });

  it("hand each message to one of them", async () => {
    await using directory = testDirectory();
    const backend = directory.open();
    const bodies = Array.from({ length: 300 }, (_, number) => String(number));
    for (const body of bodies) {
      await backend.transport.send(queue, { body, groupId: `group-${Number(body) % 30}`, deduplicationId: body });
    }
    const children = Array.from({ length: 3 }, () => startChild("drain", directory.path));
    const received = (await Promise.all(children.map((child) => child.lines()))).flat();
    // A process that finds every group held by the others ends early, and may leave messages behind them.
    const left = await startChild("drain", directory.path).lines();
    expect([...received, ...left].sort()).toEqual([...bodies].sort());
  });

  it("wake each other", async () => {
    await using directory = testDirectory();
    const sender = startChild("send", directory.path);
    await sender.line();
    const receiving = directory.open().transport.receive(queue, { max: 1, waitMs: 60_000, visibilityMs: 1_000 });
    sender.tell();
    expect((await receiving).map(({ body }) => body)).toEqual(["from afar"]);
  });

  it("wait for one another; a lock held for too long is a retryable error that says so", async () => {
    await using directory = testDirectory();
    const backend = directory.open({ busyTimeoutMs: 50 });
    const child = startChild("hold", directory.path, "BEGIN IMMEDIATE");
    await child.line();
    const error = await backend.store.putIfAbsent("key", Buffer.from("x")).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ retryable: true, message: expect.stringContaining("locked for too long") });
    expect((error as StoreError).cause).toMatchObject({ reason: "busy" });

    const patient = directory.open();
    const waiting = patient.store.putIfAbsent("key", Buffer.from("x"));
    child.tell();
    expect(await waiting).toBe("created");
  });

  it("end their wait for a lock when the caller aborts", async () => {
    await using directory = testDirectory();
    const backend = directory.open();
    await backend.transport.send(queue, { body: "body", groupId: "group", deduplicationId: "1" });
    const child = startChild("hold", directory.path, "BEGIN IMMEDIATE");
    await child.line();
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error("no longer wanted");
    const putting = backend.store.putIfAbsent("key", Buffer.from("x"), { signal }).catch((error: unknown) => error);
    const receiving = backend.transport.receive(queue, { max: 1, waitMs: 60_000, visibilityMs: 1_000, signal });
    setImmediate(() => controller.abort(reason));
    expect(await putting).toBe(reason);
    expect(await receiving).toEqual([]);
    child.tell();
  });

  it("open a directory that another holds locked as soon as it lets go, and say so when it does not", async () => {
    await using directory = testDirectory();
    await directory.open().close();
    const child = startChild("hold", directory.path, "BEGIN EXCLUSIVE");
    await child.line();
    // Readers need no lock, so a current database opens whoever writes to it.
    const backend = directory.open({ busyTimeoutMs: 50 });
    await expect(backend.flush?.()).rejects.toThrow(BackendUnusableError);
    child.tell();
    await child.line();
    await backend.flush?.();
  });

  it("keep at work beside a reader that never ends, and cut the log back once it has", async () => {
    await using directory = testDirectory();
    const backend = directory.open();
    const log = join(directory.path, `${DATABASE_FILE}-wal`);
    const child = startChild("hold", directory.path, "BEGIN");
    await child.line();
    for (let number = 0; number < 50; number++) {
      await backend.store.putIfAbsent(`large/${number}`, Buffer.alloc(1_000_000, number));
    }
    expect(statSync(log).size).toBeGreaterThan(50_000_000);
    child.tell();
    expect(await child.line()).toBe("let go");
    for (let number = 50; number < 60; number++) {
      await backend.store.putIfAbsent(`large/${number}`, Buffer.alloc(1_000_000, number));
    }
    expect(statSync(log).size).toBeLessThan(20_000_000);
    expect((await collect(backend.store.list("large/"))).length).toBe(60);
  });

  it("erase once nobody reads what is to be erased, and fail where somebody does for too long", async () => {
    await using directory = testDirectory();
    const backend = directory.open({ busyTimeoutMs: 50 });
    await backend.store.putIfAbsent("key", Buffer.from("a secret"));
    const reader = startChild("hold", directory.path, "BEGIN");
    await reader.line();
    await backend.store.delete("key");
    await expect(backend.audit.erase("relay", "task", [])).rejects.toMatchObject({ code: "AUDIT", retryable: true });
    reader.tell();
    expect(await reader.line()).toBe("let go");
    await backend.audit.erase("relay", "task", []);
    for (const name of readdirSync(directory.path)) {
      expect(readFileSync(join(directory.path, name)).includes("a secret")).toBe(false);
    }
  });
});
