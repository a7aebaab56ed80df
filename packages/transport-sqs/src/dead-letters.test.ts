import { once } from "node:events";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { describe, expect, it } from "vitest";
import { type SqsTransport, sqsTransport } from "./sqs-transport.js";
import { collect } from "./testing/collect.js";
import { ADDRESS, type Answer, accepting, failing, faultServer, succeeding, yielding } from "./testing/fault-server.js";
import { testQueues } from "./testing/queues.js";

const attributes: Answer = (response, request) => {
  const name = String(request.input.QueueUrl).split("/").at(-1);
  succeeding({ Attributes: { QueueArn: `arn:${name}` } })(response, request);
};

const task = (Status: string, ApproximateNumberOfMessagesMoved: number): Answer =>
  succeeding({ Results: [{ Status, ApproximateNumberOfMessagesMoved }] });

const anHourly = { now: () => 0, sleep: async () => {} };

describe("a redrive of everything", () => {
  it("is a task of SQS's own, waited for, from the dead-letter queue to this queue", async () => {
    await using server = await faultServer({
      GetQueueAttributes: [attributes],
      StartMessageMoveTask: [succeeding({ TaskHandle: "handle" })],
      ListMessageMoveTasks: [task("RUNNING", 1), task("RUNNING", 2), task("COMPLETED", 3)],
      ReceiveMessage: [succeeding({})],
    });
    expect(await server.open({ clock: anHourly }).redrive(ADDRESS)).toBe(3);
    const started = server.requests.find(({ operation }) => operation === "StartMessageMoveTask");
    // Named, since SQS does not know where a rejected message came from.
    expect(started?.input).toEqual({ SourceArn: "arn:agent-dead.fifo", DestinationArn: "arn:agent.fifo" });
    expect(server.requests.filter(({ operation }) => operation === "ListMessageMoveTasks")).toHaveLength(3);
  });

  it("moves one by one what the task left, because somebody looked at it meanwhile", async () => {
    await using server = await faultServer({
      GetQueueAttributes: [attributes],
      StartMessageMoveTask: [succeeding({ TaskHandle: "handle" })],
      ListMessageMoveTasks: [task("COMPLETED", 3)],
      ReceiveMessage: [yielding("{}", "{}"), succeeding({})],
      SendMessage: [accepting],
      DeleteMessage: [succeeding()],
    });
    expect(await server.open().redrive(ADDRESS)).toBe(5);
  });

  it.each([
    ["has no such task", failing("UnsupportedOperation")],
    ["does not allow this role one", failing("AccessDenied", { status: 403 })],
    ["runs another one", failing("InvalidParameterValue", { message: "There is already a task running." })],
  ])("goes one by one where SQS %s", async (_what, answer) => {
    await using server = await faultServer({
      GetQueueAttributes: [attributes],
      StartMessageMoveTask: [answer],
      ReceiveMessage: [yielding("{}"), succeeding({})],
      SendMessage: [accepting],
      DeleteMessage: [succeeding()],
    });
    expect(await server.open().redrive(ADDRESS)).toBe(1);
    const writes = server.requests.map(({ operation }) => operation).filter((name) => /^(Send|Delete)/.test(name));
    expect(writes).toEqual(["SendMessage", "DeleteMessage"]);
  });

  it("ends where somebody cancelled the task, and moves nothing more", async () => {
    await using server = await faultServer({
      GetQueueAttributes: [attributes],
      StartMessageMoveTask: [succeeding({ TaskHandle: "handle" })],
      ListMessageMoveTasks: [task("CANCELLED", 1)],
    });
    await expect(server.open().redrive(ADDRESS)).rejects.toThrow("somebody cancelled the task");
    expect(server.requests.some(({ operation }) => operation === "ReceiveMessage")).toBe(false);
  });

  it("rejects with the signal's reason once that is aborted, while the task goes on", async () => {
    await using server = await faultServer({
      GetQueueAttributes: [attributes],
      StartMessageMoveTask: [succeeding({ TaskHandle: "handle" })],
      ListMessageMoveTasks: [task("RUNNING", 0)],
    });
    const controller = new AbortController();
    const redriving = server.open().redrive(ADDRESS, { signal: controller.signal });
    await server.received(4);
    controller.abort("enough");
    await expect(redriving).rejects.toBe("enough");
  });
});

describe("a redriven message", () => {
  it("bears an id for deduplication that is its letter's, so that a redrive which broke off can be repeated", async () => {
    await using server = await faultServer({
      ReceiveMessage: [yielding("{}")],
      SendMessage: [accepting],
      DeleteMessage: [failing("InternalFailure", { status: 500 }), succeeding()],
      ChangeMessageVisibilityBatch: [succeeding({ Successful: [], Failed: [] })],
    });
    const transport = server.open();
    await expect(transport.redrive(ADDRESS, { ids: ["id-0"] })).rejects.toMatchObject({ name: "TransportError" });
    expect(await transport.redrive(ADDRESS, { ids: ["id-0"] })).toBe(1);
    const sent = server.requests.filter(({ operation }) => operation === "SendMessage");
    expect(sent.map(({ input }) => input.MessageDeduplicationId)).toEqual(["redriven-id-0", "redriven-id-0"]);
  });
});

describe("a look at the dead letters", () => {
  it("ends where all that comes has come before, and gives everything back", async () => {
    await using server = await faultServer({
      ReceiveMessage: [yielding("a", "b")],
      ChangeMessageVisibilityBatch: [succeeding({ Successful: [], Failed: [] })],
    });
    expect((await collect(server.open().deadLetters(ADDRESS))).map(({ body }) => body)).toEqual(["a", "b"]);
    const shown = server.requests.at(-1);
    expect(shown).toMatchObject({
      operation: "ChangeMessageVisibilityBatch",
      input: { Entries: [{ VisibilityTimeout: 0 }, { VisibilityTimeout: 0 }] },
    });
  });

  it("that fails in the middle gives back what it has taken", async () => {
    await using server = await faultServer({
      ReceiveMessage: [yielding("a"), failing("InternalFailure", { status: 500 })],
      ChangeMessageVisibilityBatch: [succeeding({ Successful: [], Failed: [] })],
    });
    await expect(collect(server.open().deadLetters(ADDRESS))).rejects.toMatchObject({ name: "TransportError" });
    expect(server.requests.at(-1)?.operation).toBe("ChangeMessageVisibilityBatch");
  });

  it("succeeds where giving back fails: what was taken comes back by itself", async () => {
    await using server = await faultServer({
      ReceiveMessage: [yielding("a"), succeeding({})],
      ChangeMessageVisibilityBatch: [failing("InternalFailure", { status: 500 })],
    });
    expect(await collect(server.open().deadLetters(ADDRESS))).toHaveLength(1);
  });
});

async function bury(transport: SqsTransport, count: number, groupOf: (index: number) => string): Promise<void> {
  for (let index = 0; index < count; index++) {
    const id = String(index);
    await transport.send(ADDRESS, { body: id, groupId: groupOf(index), deduplicationId: id });
    const [delivery] = await transport.receive(ADDRESS, { max: 1, waitMs: 20_000, visibilityMs: 60_000 });
    await delivery?.reject(`why ${id}`);
  }
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index));

describeWithServers(["sqs"], "on a server", ({ sqs }) => {
  it.concurrent("more letters than SQS yields at once are listed in order and moved, page by page", async () => {
    using place = testQueues(sqs);
    const transport = sqsTransport({ queues: { agent: await place.create() }, client: place.another() });
    await bury(transport, 23, (index) => `task-${index}`);
    expect((await collect(transport.deadLetters(ADDRESS))).map(({ body }) => body)).toEqual(numbers(23));
    expect(await transport.redrive(ADDRESS)).toBe(23);
    expect(await collect(transport.deadLetters(ADDRESS))).toEqual([]);
  });

  it.concurrent("of one group a list shows the ten that come at once, and a redrive moves all", async () => {
    using place = testQueues(sqs);
    const transport = sqsTransport({ queues: { agent: await place.create() }, client: place.another() });
    await bury(transport, 12, () => "task");
    // The group is locked while its first letters are looked at.
    expect((await collect(transport.deadLetters(ADDRESS))).map(({ body }) => body)).toEqual(numbers(10));
    expect(await transport.redrive(ADDRESS)).toBe(12);
  });

  it.concurrent("what somebody looks at just now is hidden from another look, and there again afterwards", async () => {
    using place = testQueues(sqs);
    const queues = { agent: await place.create() };
    const transport = sqsTransport({ queues, client: place.another() });
    await bury(transport, 1, () => "task");
    const looking = place.another();
    const seen = new EventTarget();
    const givingBack = once(seen, "giving back");
    const goOn = once(seen, "go on");
    looking.middlewareStack.add((next, { commandName }) => async (call) => {
      if (commandName === "ChangeMessageVisibilityBatchCommand") {
        seen.dispatchEvent(new Event("giving back"));
        await goOn;
      }
      return await next(call);
    });
    const look = collect(sqsTransport({ queues, client: looking }).deadLetters(ADDRESS));
    await givingBack;
    expect(await collect(transport.deadLetters(ADDRESS))).toEqual([]);
    seen.dispatchEvent(new Event("go on"));
    expect(await look).toHaveLength(1);
    expect(await collect(transport.deadLetters(ADDRESS))).toHaveLength(1);
  });
});
