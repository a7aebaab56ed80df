import { resolve } from "node:path";
import type { Backend } from "@agenthandoff/core";
import { localAuditLog } from "./audit.js";
import { openDatabase } from "./database.js";
import { type LocalOptions, parseOptions } from "./options.js";
import { localTransport } from "./queue.js";
import { localStore } from "./store.js";
import { createWake } from "./wake.js";

/**
 * A backend in one directory: contexts, queues and audit log in one SQLite database, which any number of processes of
 * this machine may use at once. Opens it, or creates it, before it returns.
 *
 * @throws InvalidOptionsError where an option cannot work.
 * @throws BackendUnusableError whose `reason` says why the directory cannot be used, and whose message what to do.
 */
export function local(options: LocalOptions): Backend {
  const { directory, visibilityMs, maxReceiveCount, clock, random, ...rest } = parseOptions(options);
  const database = openDatabase({ ...rest, directory: resolve(directory), clock, random });
  const wake = createWake({ file: database.file, clock, version: database.version });
  return {
    name: "local",
    store: localStore(database),
    transport: localTransport({ database, wake, maxReceiveCount, clock, random }),
    audit: localAuditLog(database),
    visibilityMs,
    flush: database.flush,
    async close() {
      database.close();
      // Whoever still waits for a message learns that none will come.
      wake.ringAll();
    },
  };
}
