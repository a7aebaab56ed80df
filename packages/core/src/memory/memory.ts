import { type Backend, type Clock, systemClock } from "../ports/index.js";
import type { Crash } from "./crash.js";
import { type MemoryAuditLogOptions, memoryAuditLog } from "./memory-audit-log.js";
import { memoryData } from "./memory-data.js";
import { memoryStore } from "./memory-store.js";
import { type MemoryTransportOptions, memoryTransport } from "./memory-transport.js";
import { type MortalBackend, mortalBackend } from "./mortal-backend.js";

type DriverOptions = Omit<MemoryTransportOptions & MemoryAuditLogOptions, "closed">;

export interface MemoryOptions extends DriverOptions {
  /** Default: the machine's. A relay on this backend goes by it too. */
  readonly clock?: Clock;
  /** How long a received message stays invisible unless it is extended, in milliseconds. Default: 10 seconds. */
  readonly visibilityMs?: number;
  /** When the process that has this handle dies: `crashAfter("commit", { agent: "billing" })`. Default: never. */
  readonly crash?: Crash | undefined;
}

/**
 * A backend in memory, for tests: everything a relay needs, with the meaning that a real one has. It forgets with
 * its process. Several handles on the same data, as several processes would have, come from one `memoryData()`:
 * `memory({ data })` each; closing one closes no other, nor does the death of the process that has it.
 */
export function memory(options: MemoryOptions = {}): MortalBackend {
  const { crash, visibilityMs = 10_000, ...driverOptions } = options;
  const { clock = systemClock } = options;
  return mortalBackend({ backend: openMemory(visibilityMs, driverOptions), clock, crash });
}

// #region memory
function openMemory(visibilityMs: number, options: DriverOptions): Backend {
  const handle = new AbortController();
  const shared = { clock: systemClock, data: memoryData(), ...options, closed: handle.signal };
  return {
    name: "memory",
    store: memoryStore(shared),
    transport: memoryTransport(shared),
    audit: memoryAuditLog(shared),
    visibilityMs,
    async close() {
      handle.abort();
    },
  };
}
// #endregion
