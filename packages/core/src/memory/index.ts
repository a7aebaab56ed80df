export { CRASH_POINTS, type Crash, type CrashPoint, type CrashScope, crashAfter } from "./crash.js";
export { type FakeClock, type FakeClockOptions, fakeClock } from "./fake-clock.js";
export { type MemoryOptions, memory } from "./memory.js";
export { type MemoryAuditLogOptions, memoryAuditLog } from "./memory-audit-log.js";
export { type MemoryData, memoryData } from "./memory-data.js";
export { type MemoryStoreOptions, memoryStore } from "./memory-store.js";
export { type MemoryTransportOptions, memoryTransport } from "./memory-transport.js";
export type { MortalBackend } from "./mortal-backend.js";
export { seededRandom } from "./seeded-random.js";
