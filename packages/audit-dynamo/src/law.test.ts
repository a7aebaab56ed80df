import type { AuditLog, TaskRow } from "@agenthandoff/core";
import { memoryAuditLog } from "@agenthandoff/core/memory";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import fc from "fast-check";
import { expect, inject, it } from "vitest";
import { at, collect, eventSample, intentSample, rowSample } from "./testing/samples.js";
import { testTable } from "./testing/table.js";

const TASKS = ["one", "two"] as const;
const HOPS = [0, 1, 2, 3] as const;

// DynamoDB fetches from the table what a local index does not hold; moto yields the keys alone.
const isMoto = inject("awsServers").dynamodb.name.startsWith("moto");

const taskId = fc.constantFrom(...TASKS);
const rowFields: fc.Arbitrary<Partial<TaskRow>> = fc
  .record({
    headHop: fc.constantFrom(...HOPS),
    status: fc.constantFrom("running", "failed", "completed"),
    damaged: fc.boolean(),
  })
  .map((fields) => ({ ...fields, updatedAt: at(fields.headHop) }));
const append = fc.record(
  {
    kind: fc.constant("append" as const),
    taskId,
    hop: fc.constantFrom(...HOPS),
    underItsHop: isMoto ? fc.constant(true) : fc.boolean(),
    row: rowFields,
    damaged: fc.boolean(),
  },
  { requiredKeys: ["kind", "taskId", "hop", "underItsHop"] },
);
const other = fc.record({ kind: fc.constantFrom("erase" as const, "intend" as const, "settle" as const), taskId });
const step = fc.oneof({ weight: 6, arbitrary: append }, { weight: 1, arbitrary: other });
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Does a step, and resolves to what it resolved to. */
async function take(log: AuditLog, relayId: string, each: Step): Promise<unknown> {
  const ids = { relayId, taskId: each.taskId };
  if (each.kind !== "append") {
    if (each.kind === "erase") return await log.erase(relayId, each.taskId, ["kept"]);
    if (each.kind === "intend") return await log.intend(intentSample(ids));
    return await log.settle(relayId, each.taskId, "intent");
  }
  const { hop, underItsHop, row, damaged } = each;
  const event = eventSample({ ...ids, hop, detail: { kept: hop, told: "a secret" } });
  // Ids that begin with another hop must not be told of that one.
  const elsewhere = `${eventSample({ hop: (hop + 1) % HOPS.length }).id}#${hop}`;
  return await log.append(underItsHop ? event : { ...event, id: elsewhere }, {
    ...(row === undefined ? {} : { row: rowSample({ ...row, ...ids }) }),
    ...(damaged === undefined ? {} : { damaged }),
  });
}

/** All that a log says of a relay; what comes in any order, in one. */
async function told(log: AuditLog, relayId: string): Promise<unknown> {
  const rows = async (query: Parameters<AuditLog["tasks"]>[1]) =>
    (await collect(log.tasks(relayId, query))).sort((left, right) => (left.taskId < right.taskId ? -1 : 1));
  const ofTask = async (task: string) => ({
    row: await log.task(relayId, task),
    events: await collect(log.events(relayId, task)),
    ofHops: await Promise.all(HOPS.map((hop) => collect(log.events(relayId, task, { hop })))),
  });
  return {
    tasks: await Promise.all(TASKS.map(ofTask)),
    byAgent: (await collect(log.byAgent(relayId, "code"))).map((event) => `${event.taskId} ${event.id}`).sort(),
    all: await rows({}),
    silent: await rows({ status: "running", updatedBefore: at(1) }),
    damaged: await rows({ damaged: true }),
    whole: await rows({ status: "completed", damaged: false }),
    intents: (await collect(log.intents(relayId))).map((intent) => intent.taskId).sort(),
  };
}

describeWithServers(["dynamodb"], "against a model", ({ dynamodb }) => {
  it("any sequence of appends, erasures and intents leaves what it leaves in memory, and answers the same", async () => {
    await using table = await testTable(dynamodb);
    const log = table.open();
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const relayId = `relay-${++runs}`;
        const model = memoryAuditLog();
        for (const each of steps) expect(await take(log, relayId, each)).toEqual(await take(model, relayId, each));
        expect(await told(log, relayId)).toEqual(await told(model, relayId));
      }),
      { numRuns: isMoto ? 5 : 25 },
    );
  });
});
