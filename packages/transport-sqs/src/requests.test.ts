import { readFileSync } from "node:fs";
import type { Delivery } from "@agenthandoff/core";
import { type RecordedCall, recordCalls } from "@agenthandoff/test-servers";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { expect, it } from "vitest";
import { type SqsTransport, sqsTransport } from "./sqs-transport.js";
import { collect } from "./testing/collect.js";
import { ADDRESS, failing, faultServer, succeeding, yielding } from "./testing/fault-server.js";
import { testQueues } from "./testing/queues.js";

const visibilityMs = 60_000;

/** The operations that something takes, in order. */
async function operationsOf(calls: readonly RecordedCall[], act: () => Promise<unknown>): Promise<string[]> {
  const before = calls.length;
  await act();
  return calls.slice(before).map(({ operation }) => operation);
}

let sent = 0;
const send = (transport: SqsTransport, groupId: string): Promise<void> =>
  transport.send(ADDRESS, { body: "{}", groupId, deduplicationId: `${sent++}` });

const receive = (transport: SqsTransport, max = 10): Promise<readonly Delivery[]> =>
  transport.receive(ADDRESS, { max, waitMs: 0, visibilityMs });

describeWithServers(["sqs"], "requests", ({ sqs }) => {
  it.concurrent("are as few as can be", async () => {
    using place = testQueues(sqs);
    const client = place.another();
    const calls = recordCalls(client);
    const transport = sqsTransport({ queues: { agent: await place.create() }, client });
    const taken = async (act: () => Promise<unknown>) => await operationsOf(calls, act);

    for (const group of ["a", "b", "c", "d"])
      expect(await taken(() => send(transport, group))).toEqual(["SendMessage"]);
    let deliveries: readonly Delivery[] = [];
    expect(
      await taken(async () => {
        deliveries = await receive(transport);
      }),
    ).toEqual(["ReceiveMessage"]);
    expect(deliveries).toHaveLength(4);
    const [a, b, c, d] = deliveries;
    expect(await taken(async () => await a?.acknowledge())).toEqual(["DeleteMessage"]);
    expect(await taken(async () => await b?.extend(visibilityMs))).toEqual(["ChangeMessageVisibility"]);
    expect(await taken(async () => await c?.release(0))).toEqual(["ChangeMessageVisibility"]);
    expect(await taken(async () => await d?.reject("why"))).toEqual([
      "ChangeMessageVisibility",
      "SendMessage",
      "DeleteMessage",
    ]);
    // What was settled costs nothing more.
    expect(await taken(async () => await a?.acknowledge())).toEqual([]);
    expect(await taken(() => receive(transport))).toEqual(["ReceiveMessage"]);
    expect(await taken(() => transport.check(ADDRESS.relayId, [ADDRESS.agent]))).toEqual([
      "GetQueueAttributes",
      "GetQueueAttributes",
    ]);
    // A page, the end of the queue, and the letter given back.
    expect(await taken(() => collect(transport.deadLetters(ADDRESS)))).toEqual([
      "ReceiveMessage",
      "ReceiveMessage",
      "ChangeMessageVisibilityBatch",
    ]);
    const [letter] = await collect(transport.deadLetters(ADDRESS));
    expect(await taken(() => transport.redrive(ADDRESS, { ids: [letter?.id ?? ""] }))).toEqual([
      "ReceiveMessage",
      "SendMessage",
      "DeleteMessage",
    ]);
  });

  it.concurrent("of an idle worker are one for each longest poll", async () => {
    using place = testQueues(sqs);
    const client = place.another();
    const calls = recordCalls(client);
    const transport = sqsTransport({ queues: { agent: await place.create() }, client, longestPollSeconds: 1 });
    expect(await transport.receive(ADDRESS, { max: 1, waitMs: 2_500, visibilityMs })).toEqual([]);
    expect(calls.map(({ operation }) => operation)).toEqual(Array.from({ length: 3 }, () => "ReceiveMessage"));
    expect(calls.map(({ input }) => input.WaitTimeSeconds)).toEqual([1, 1, 1]);
  });

  it.concurrent("are those that the README names, each with the IAM action that it needs", async () => {
    using place = testQueues(sqs);
    const client = place.another();
    const calls = recordCalls(client);
    const transport = sqsTransport({ queues: { agent: await place.create() }, client });
    await transport.check(ADDRESS.relayId, [ADDRESS.agent]);
    for (const group of ["a", "b"]) await send(transport, group);
    const [one, two] = await receive(transport);
    await one?.extend(visibilityMs);
    await one?.acknowledge();
    await two?.reject("why");
    await collect(transport.deadLetters(ADDRESS));
    expect(await transport.redrive(ADDRESS)).toBe(1);
    // Not every server that stands for SQS has tasks that move messages.
    await using tasks = await faultServer({
      GetQueueAttributes: [succeeding({ Attributes: { QueueArn: "arn" } })],
      StartMessageMoveTask: [succeeding({ TaskHandle: "handle" })],
      ListMessageMoveTasks: [succeeding({ Results: [{ Status: "COMPLETED", ApproximateNumberOfMessagesMoved: 1 }] })],
      ReceiveMessage: [succeeding({})],
    });
    expect(await tasks.open().redrive(ADDRESS)).toBe(1);

    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const rows = [...readme.matchAll(/^\| `(\w+)` +\| `sqs:(\w+)`/gm)];
    expect(rows.map(([, operation]) => operation).sort()).toEqual(
      [...new Set([...calls, ...tasks.requests].map(({ operation }) => operation))].sort(),
    );
    // IAM knows no action for a batch: it is that of one entry.
    for (const [, operation, action] of rows) expect(action).toBe(operation?.replace(/Batch$/, ""));
  });
});

it("of a receive that the SDK tries again are one to SQS, which then repeats a lost answer", async () => {
  await using server = await faultServer({
    ReceiveMessage: [failing("InternalFailure", { status: 500 }), yielding("{}"), yielding("{}")],
  });
  const transport = server.open({ maxAttempts: 2 });
  await receive(transport);
  await receive(transport);
  const [first, again, other] = server.requests.map(({ input }) => input.ReceiveRequestAttemptId);
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

it("for more than SQS yields at once ask for what it does", async () => {
  await using server = await faultServer({ ReceiveMessage: [succeeding({})] });
  await receive(server.open(), 50);
  expect(server.requests[0]?.input).toMatchObject({
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: 0,
    VisibilityTimeout: 60,
  });
});
