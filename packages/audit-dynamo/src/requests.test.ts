import { createRelay, defineAgent } from "@agenthandoff/core";
import { memory } from "@agenthandoff/core/memory";
import { type RecordedCall, recordCalls } from "@agenthandoff/test-servers";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import { expect, inject, it } from "vitest";
import { SHARDS } from "./limits.js";
import { collect, eventSample, intentSample, RELAY, rowSample, TASK } from "./testing/samples.js";
import { testTable } from "./testing/table.js";

const times = (count: number, operation: string): string[] => Array.from({ length: count }, () => operation);

describeWithServers(["dynamodb"], "requests", ({ dynamodb }) => {
  const isMoto = inject("awsServers").dynamodb.name.startsWith("moto");

  it("are as few as can be", async () => {
    await using table = await testTable(dynamodb);
    const client = table.client();
    const calls: readonly RecordedCall[] = recordCalls(client);
    const log = table.open({ client });
    const taken = async (act: () => Promise<unknown>): Promise<string[]> => {
      const before = calls.length;
      await act();
      return calls.slice(before).map(({ operation }) => operation);
    };

    // An undisturbed handoff: the run's start, then its commit.
    const start = eventSample({ hop: 0, id: "0000000000#attempt_started#message.1", kind: "attempt_started" });
    expect(await taken(() => log.append(start))).toEqual(["PutItem"]);
    const commit = { event: eventSample(), change: { row: rowSample() } };
    expect(await taken(() => log.append(commit.event, commit.change))).toEqual(["TransactWriteItems"]);

    // Helping with what is told already.
    expect(await taken(() => log.append(commit.event, commit.change))).toEqual(["TransactWriteItems"]);
    expect(await taken(() => log.append(start))).toEqual(["PutItem"]);
    // A late one, and one whose row was lost.
    const late = eventSample({ hop: 0 });
    expect(await taken(() => log.append(late, { row: rowSample({ headHop: 0 }) }))).toEqual([
      "TransactWriteItems",
      "PutItem",
    ]);
    expect(await taken(() => log.append(late, { row: rowSample({ headHop: 2 }) }))).toEqual([
      "TransactWriteItems",
      "PutItem",
    ]);

    const damaged = (hop: number) => eventSample({ hop, id: `${hop}#damaged` });
    expect(await taken(() => log.append(damaged(1), { damaged: true }))).toEqual(["TransactWriteItems"]);
    expect(await taken(() => log.append(damaged(1), { damaged: false }))).toEqual(["TransactWriteItems", "UpdateItem"]);

    expect(await taken(() => log.task(RELAY, TASK))).toEqual(["GetItem"]);
    expect(await taken(() => collect(log.events(RELAY, TASK)))).toEqual(["Query"]);
    expect(await taken(() => collect(log.events(RELAY, TASK, { hop: 0 })))).toEqual(times(2, "Query"));
    expect(await taken(() => collect(log.byAgent(RELAY, "code")))).toEqual(times(SHARDS, "Query"));
    expect(await taken(() => collect(log.tasks(RELAY, { status: "running" })))).toEqual(times(SHARDS, "Query"));
    expect(await taken(() => collect(log.tasks(RELAY, { damaged: true })))).toEqual(["Query"]);
    expect(await taken(() => collect(log.tasks(RELAY)))).toEqual(times(6 * SHARDS, "Query"));

    expect(await taken(() => log.intend(intentSample()))).toEqual(["PutItem"]);
    expect(await taken(() => collect(log.intents(RELAY)))).toEqual(times(SHARDS, "Query"));
    expect(await taken(() => log.settle(RELAY, TASK, "intent"))).toEqual(["DeleteItem"]);

    expect(await taken(() => log.check())).toEqual(["DescribeTable"]);
    expect(calls.some(({ operation }) => operation === "Scan")).toBe(false);
  });

  it.skipIf(isMoto)("of an undisturbed handoff take ten write units (moto counts none)", async () => {
    await using table = await testTable(dynamodb);
    const client = table.client();
    let units = 0;
    client.middlewareStack.add(
      (next) => async (request) => {
        Object.assign(request.input, { ReturnConsumedCapacity: "INDEXES" });
        const answer = await next(request);
        const { ConsumedCapacity: consumed } = answer.output as {
          ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[];
        };
        for (const each of [consumed].flat()) units += each?.CapacityUnits ?? 0;
        return answer;
      },
      { step: "initialize" },
    );
    const log = table.open({ client });
    await log.append(eventSample({ hop: 0 }), { row: rowSample({ headHop: 0 }) });
    units = 0;
    await log.append(eventSample({ hop: 0, id: "0000000000#attempt_started#message.1" }));
    expect(units).toBe(2);
    await log.append(eventSample({ hop: 1 }), { row: rowSample({ headHop: 1 }) });
    expect(units).toBe(10);
  });

  it("read consistently wherever what was written before decides, and only there", async () => {
    await using table = await testTable(dynamodb);
    const client = table.client();
    const calls = recordCalls(client);
    const log = table.open({ client });
    await log.task(RELAY, TASK);
    await collect(log.events(RELAY, TASK));
    await collect(log.events(RELAY, TASK, { hop: 1 }));
    expect(calls.map(({ input }) => input.ConsistentRead)).toEqual([true, true, true, true]);
    await collect(log.byAgent(RELAY, "code"));
    await collect(log.tasks(RELAY));
    await collect(log.intents(RELAY));
    // A global index has no consistent reads.
    expect(
      calls.slice(4).every(({ input }) => input.ConsistentRead === undefined && input.IndexName !== undefined),
    ).toBe(true);
  });

  it("of an undisturbed relay are one transaction and one attempt for each handoff, and an intent for its start", async () => {
    await using table = await testTable(dynamodb);
    const client = table.client();
    const calls = recordCalls(client);
    const agents = [
      defineAgent({ name: "one", handsTo: ["two"], run: async ({ handoff }) => handoff("two", { reason: "next" }) }),
      defineAgent({
        name: "two",
        handsTo: ["three"],
        run: async ({ handoff }) => handoff("three", { reason: "next" }),
      }),
      defineAgent({ name: "three", run: async () => "done" }),
    ];
    const relay = createRelay({ id: "relay", agents, backend: { ...memory(), audit: table.open({ client }) } });
    expect(await relay.run({ to: "one", input: null })).toMatchObject({ status: "completed" });
    await relay.close();
    const handoff = ["PutItem", "TransactWriteItems"];
    expect(calls.map(({ operation }) => operation)).toEqual([
      ...["PutItem", "TransactWriteItems", "DeleteItem"],
      ...[...handoff, ...handoff, ...handoff],
      // Whoever waits for the result makes sure that its event is there before it tells.
      "TransactWriteItems",
    ]);
  });
});
