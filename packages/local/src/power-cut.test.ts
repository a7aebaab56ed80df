import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Backend } from "@agenthandoff/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DATABASE_FILE, openConnections } from "./connections.js";
import { contentsOf } from "./testing/contents.js";
import { testDirectory } from "./testing/directory.js";

const queue = { relayId: "relay", agent: "agent" };

interface Step {
  /** What the database held when the step had resolved. */
  readonly contents: string;
  /** How much of the log had been written by then, in bytes. */
  readonly written: number;
  /** Whether the step promised that it, and all before it, survives a power cut. */
  readonly durable: boolean;
}

/** Runs a chain of hops, and everything else that a backend can be asked, noting each step. */
async function record(backend: Backend, file: string): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const note = (durable: boolean): void =>
    void steps.push({ contents: contentsOf(file), written: statSync(`${file}-wal`).size, durable });
  const { store, transport, audit } = backend;
  // Opening has synced the empty tables.
  note(true);
  for (let hop = 0; hop < 6; hop++) {
    const at = new Date(hop).toISOString();
    const about = { relayId: "relay", taskId: "task", hop, at };
    const row = { relayId: "relay", taskId: "task", headHop: hop, headSha256: "", agent: "agent", updatedAt: at };
    await audit.intend({ relayId: "relay", taskId: "task", intentId: `${hop}`, requestId: "", operation: "start", at });
    note(false);
    await store.putIfAbsent(`slots/${hop}`, Buffer.alloc(9_000, hop));
    note(false);
    await audit.append(
      { ...about, id: `${hop}`, kind: "committed", detail: {} },
      { row: { ...row, status: "running", damaged: false } },
    );
    note(false);
    await transport.send(queue, { body: `${hop}`, groupId: "task", deduplicationId: `${hop}` });
    note(true);
    await audit.settle("relay", "task", `${hop}`);
    note(false);
    const [delivery] = await transport.receive(queue, { max: 1, waitMs: 0, visibilityMs: 60_000 });
    note(false);
    await delivery?.[hop === 3 ? "reject" : "acknowledge"]("");
    note(false);
    if (hop === 3) {
      await transport.redrive(queue);
      note(true);
    }
    await store.overwrite("runs/task", Buffer.alloc(6_000, hop));
    note(false);
    await backend.flush?.();
    note(true);
    await store.putIfAbsent(`blobs/${hop}`, Buffer.alloc(1_000, hop));
    note(false);
    // Sent before: dropped, and durable all the same.
    await transport.send(queue, { body: `${hop}`, groupId: "task", deduplicationId: `${hop}` });
    note(true);
    await store.delete(`blobs/${hop}`);
    note(false);
    await audit.append(
      { ...about, id: `${hop}.end`, kind: "committed", detail: {} },
      { row: { ...row, headHop: hop + (hop === 5 ? 1 : 0), status: "completed", damaged: false } },
    );
    note(true);
  }
  return steps;
}

describe("a power cut", () => {
  it("takes back a suffix of all steps together, and none that was reported", async () => {
    await using directory = testDirectory();
    const backend = directory.open();
    const file = join(directory.path, DATABASE_FILE);
    const steps = await record(backend, file);
    const log = readFileSync(`${file}-wal`);
    const copies = mkdtempSync(join(tmpdir(), "agenthandoff-power-"));

    /** What is found where the log reached the disk up to `kept` bytes, and `behind` stands for the rest of it. */
    function afterPowerCut(kept: number, behind: Uint8Array): string {
      const copy = join(mkdtempSync(join(copies, "cut-")), DATABASE_FILE);
      copyFileSync(file, copy);
      writeFileSync(`${copy}-wal`, Buffer.concat([log.subarray(0, kept), behind]));
      return contentsOf(copy);
    }

    fc.assert(
      fc.property(
        fc.integer({ min: steps[0]?.written ?? 0, max: log.length }),
        fc.constantFrom("nothing", "zeros", "noise", "later pages"),
        (kept, behind) => {
          const rest = log.length - kept;
          const tail = {
            nothing: () => Buffer.alloc(0),
            zeros: () => Buffer.alloc(rest),
            noise: () => Buffer.alloc(rest, "noise"),
            // The disk wrote what came later, but not what came first.
            "later pages": () => Buffer.concat([Buffer.alloc(Math.min(rest, 4_096)), log.subarray(kept + 4_096)]),
          }[behind]();
          const found = afterPowerCut(kept, tail);
          const reached = steps.findLastIndex(({ contents }) => contents === found);
          expect(reached, "what is found is what some step left").toBeGreaterThanOrEqual(0);
          const promised = steps.findLastIndex(({ durable, written }) => durable && written <= kept);
          expect(reached).toBeGreaterThanOrEqual(promised);
        },
      ),
      { numRuns: 150 },
    );
    expect(afterPowerCut(log.length, Buffer.alloc(0))).toBe(steps.at(-1)?.contents);
    rmSync(copies, { recursive: true });
  });

  it("finds everything synced that was reported: of two connections one syncs the log, with each of its commits", async () => {
    await using directory = testDirectory();
    const { relaxed, durable } = openConnections(directory.path, { waitMs: 0, anyFileSystem: false });
    const pragma = (connection: typeof durable, name: string) =>
      Object.values(connection.get<Record<string, unknown>>(`PRAGMA ${name}`) ?? {})[0];
    const [NORMAL, FULL] = [1, 2];
    expect(pragma(durable, "synchronous")).toBe(FULL);
    expect(pragma(relaxed, "synchronous")).toBe(NORMAL);
    for (const connection of [relaxed, durable]) {
      expect(pragma(connection, "journal_mode")).toBe("wal");
      expect(pragma(connection, "fullfsync")).toBe(1);
      expect(pragma(connection, "checkpoint_fullfsync")).toBe(1);
      connection.close();
    }
  });
});
