import {
  type FakeClock,
  fakeClock,
  type MemoryData,
  memory,
  memoryAuditLog,
  memoryData,
  memoryStore,
  memoryTransport,
} from "@agenthandoff/core/memory";
import { describe, expect, it } from "vitest";
import { relayPromises } from "./backend/relay.js";
import { togetherPromises } from "./backend/together.js";
import {
  auditLogPromises,
  backendPromises,
  type ContractPromise,
  check,
  contextStorePromises,
  type Fixture,
  transportPromises,
} from "./index.js";
import { auditFaults } from "./testing/audit-faults.js";
import { backendFaults } from "./testing/backend-faults.js";
import type { Fault } from "./testing/fault.js";
import { storeFaults } from "./testing/store-faults.js";
import { transportFaults } from "./testing/transport-faults.js";

// Each driver here has exactly one fault, and exactly the promises that it breaks must be found broken.

const maxReceiveCount = 5;

/** It sums all the others up, so any fault may break it, but whether one does is up to chance. */
const LAW = "queue-law";

interface Place {
  readonly data: MemoryData;
  readonly clock: FakeClock;
}

function faultsAreCaught<Port>(
  contract: string,
  promises: readonly ContractPromise<Port>[],
  faults: readonly Fault<Port>[],
  open: (place: Place, closed?: AbortSignal) => Port,
  patienceMs = 1_000,
): void {
  describe(contract, () => {
    const none: Fault<Port> = { what: "nothing is wrong", breaks: [], plant: () => (port) => port };
    it.each([none, ...faults].map((fault) => ({ ...fault, title: fault.breaks.join(", ") || "nothing" })))(
      "where $what, these are broken and no other: $title",
      async ({ breaks, plant, what }) => {
        const createFixture = (): Fixture<Port> => {
          const place = { data: memoryData(), clock: fakeClock() };
          const planted = plant(place.data, place.clock);
          return {
            open: () => planted(open(place)),
            openBroken: () => planted(open(place, AbortSignal.abort())),
            advance: (ms) => place.clock.advance(ms),
          };
        };
        const findings = await check(promises, createFixture, {
          maxReceiveCount,
          seed: 1,
          runs: 50,
          patienceMs,
        });
        const broken = findings.filter(({ status }) => status === "broken").map(({ id }) => id);
        expect(broken.filter((id) => id !== LAW).sort()).toEqual(breaks.filter((id) => id !== LAW).sort());
        if (breaks.includes(LAW) || what === none.what) expect(broken.includes(LAW)).toBe(breaks.includes(LAW));
      },
    );

    it("has a fault for every promise", () => {
      const broken = new Set(faults.flatMap(({ breaks }) => breaks));
      expect(promises.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
    });
  });
}

faultsAreCaught("ContextStore", contextStorePromises, storeFaults, ({ data }, closed) =>
  memoryStore({ data, ...(closed && { closed }) }),
);
faultsAreCaught("AuditLog", auditLogPromises, auditFaults, ({ data }, closed) =>
  memoryAuditLog({ data, ...(closed && { closed }) }),
);
faultsAreCaught("Transport", transportPromises, transportFaults, ({ data, clock }, closed) =>
  memoryTransport({ data, clock, maxReceiveCount, ...(closed && { closed }) }),
);
// A relay has more to do than one call, so it is waited for longer.
faultsAreCaught(
  "Backend",
  [...togetherPromises, ...relayPromises],
  backendFaults,
  ({ data, clock }) => memory({ data, clock }),
  10_000,
);

it("no two promises share an id or a title", () => {
  for (const part of ["id", "title"] as const) {
    const names = backendPromises.map((promise) => promise[part]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  }
});
