// Run in a process of its own by `startChild`: `node child.ts <role> <directory> [<argument>…]`.
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { AuditEvent, TaskRow } from "@agenthandoff/core";
import { DATABASE_FILE } from "../connections.js";
import { local } from "../local.js";
import { openSqlite } from "../sqlite.js";

const [role = "", directory = "", ...rest] = process.argv.slice(2);
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Pipes are written to at once: a line that was printed will be seen, whenever this process is killed. */
const print = (line: string): void => void process.stdout.write(`${line}\n`);

const roles: { readonly [role: string]: () => Promise<void> } = {
  /** Opens the directory at the word, together with others, and writes a key of its own and one that all want. */
  async create() {
    print("ready");
    await input.next();
    const backend = local({ directory });
    await backend.store.putIfAbsent(`own/${process.pid}`, Buffer.from("x"));
    print(await backend.store.putIfAbsent("shared", Buffer.from(String(process.pid))));
    await backend.close();
  },

  /** Does what a chain of hops does, from hop `first` on, and tells of each hop when it is done, until it is killed. */
  async hops() {
    const backend = local({ directory });
    for (let hop = Number(rest[0]); ; hop++) {
      const key = `relay/slots/task/${String(hop).padStart(10, "0")}`;
      await backend.store.putIfAbsent(key, Buffer.alloc(20_000, hop));
      await backend.audit.append(committed(hop), { row: running(hop) });
      await backend.transport.send(queue, { body: String(hop), groupId: "task", deduplicationId: String(hop) });
      print(String(hop));
    }
  },

  /** Sends one message at the word. */
  async send() {
    const backend = local({ directory });
    print("ready");
    await input.next();
    await backend.transport.send(queue, { body: "from afar", groupId: "group", deduplicationId: "1" });
    await backend.close();
  },

  /** Takes every message there is, and tells of each. */
  async drain() {
    const backend = local({ directory });
    for (;;) {
      const deliveries = await backend.transport.receive(queue, { max: 3, waitMs: 0, visibilityMs: 600_000 });
      if (deliveries.length === 0) break;
      for (const delivery of deliveries) {
        print(delivery.body);
        await delivery.acknowledge();
      }
    }
    await backend.close();
  },

  /** Holds a transaction open (`BEGIN IMMEDIATE`, say), from the first line until the word. */
  async hold() {
    const connection = openSqlite(join(directory, DATABASE_FILE));
    connection.execute(rest[0] ?? "");
    connection.all("SELECT * FROM syncs");
    print("held");
    await input.next();
    connection.execute("COMMIT");
    connection.close();
    print("let go");
  },

  /** Gives up being root, then opens the directory and tells what came of it. */
  async asNobody() {
    process.setgid?.(65_534);
    process.setuid?.(65_534);
    try {
      local({ directory });
      print("opened");
    } catch (error) {
      const { name, reason, message } = error as Error & { reason?: string };
      print(JSON.stringify({ name, reason, message }));
    }
  },
};

const queue = { relayId: "relay", agent: "agent" };

function committed(hop: number): AuditEvent {
  const at = new Date(hop).toISOString();
  return {
    id: String(hop).padStart(10, "0"),
    relayId: "relay",
    taskId: "task",
    hop,
    kind: "committed",
    at,
    detail: {},
  };
}

function running(headHop: number): TaskRow {
  const updatedAt = new Date(headHop).toISOString();
  const status = "running";
  return {
    relayId: "relay",
    taskId: "task",
    status,
    headHop,
    headSha256: "",
    agent: "agent",
    updatedAt,
    damaged: false,
  };
}

const play = roles[role];
if (play === undefined) throw new Error(`there is no role ${role}`);
await play();
process.exit(0);
