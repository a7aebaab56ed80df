import { type Backend, systemClock } from "../ports/index.js";
import { type MemoryAuditLogOptions, memoryAuditLog } from "./memory-audit-log.js";
import { memoryData } from "./memory-data.js";
import { memoryStore } from "./memory-store.js";
import { type MemoryTransportOptions, memoryTransport } from "./memory-transport.js";

export interface MemoryOptions extends Omit<MemoryTransportOptions & MemoryAuditLogOptions, "closed"> {
  /** How long a received message stays invisible unless it is extended, in milliseconds. Default: 10 seconds. */
  readonly visibilityMs?: number;
}

// #region memory
/**
 * A backend in memory, for tests: everything a relay needs, with the meaning that a real one has. It forgets with
 * its process. Several handles on the same data, as several processes would have, come from one `memoryData()`:
 * `memory({ data })` each; closing one closes no other.
 */
export function memory(options: MemoryOptions = {}): Backend {
  const handle = new AbortController();
  const shared = { clock: systemClock, data: memoryData(), ...options, closed: handle.signal };
  return {
    name: "memory",
    store: memoryStore(shared),
    transport: memoryTransport(shared),
    audit: memoryAuditLog(shared),
    visibilityMs: options.visibilityMs ?? 10_000,
    async close() {
      handle.abort();
    },
  };
}
// #endregion
