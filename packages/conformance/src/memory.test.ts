import { auditLogSuite, backendSuite, contextStoreSuite, transportSuite } from "@agenthandoff/conformance";
import { fakeClock, memory, memoryAuditLog, memoryData, memoryStore, memoryTransport } from "@agenthandoff/core/memory";

const closed = AbortSignal.abort();
const maxReceiveCount = 5;

contextStoreSuite("memoryStore", () => {
  const data = memoryData();
  return { open: () => memoryStore({ data }), openBroken: () => memoryStore({ data, closed }) };
});

transportSuite(
  "memoryTransport, on a clock of its own",
  () => {
    const shared = { data: memoryData(), clock: fakeClock(), maxReceiveCount };
    return {
      open: () => memoryTransport(shared),
      openBroken: () => memoryTransport({ ...shared, closed }),
      advance: (ms) => shared.clock.advance(ms),
    };
  },
  { maxReceiveCount, runs: 200 },
);

auditLogSuite("memoryAuditLog", () => {
  const data = memoryData();
  return { open: () => memoryAuditLog({ data }), openBroken: () => memoryAuditLog({ data, closed }) };
});

backendSuite(
  "memory, on the machine's clock",
  () => {
    const data = memoryData();
    return { open: () => memory({ data, maxReceiveCount }) };
  },
  {
    maxReceiveCount,
    shortestVisibilityMs: 20,
    unsupported: { "deduplication-ends": "its 5 minutes are too long to wait; checked above on a clock of its own" },
  },
);
