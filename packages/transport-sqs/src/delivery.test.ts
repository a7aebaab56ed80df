import type { Delivery } from "@agenthandoff/core";
import { fakeClock } from "@agenthandoff/core/memory";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { describe, expect, it } from "vitest";
import { MAX_VISIBILITY_MS } from "./limits.js";
import { type SqsTransport, sqsTransport } from "./sqs-transport.js";
import { collect } from "./testing/collect.js";
import { ADDRESS, accepting, faultServer, MESSAGE, succeeding, yielding } from "./testing/fault-server.js";
import { testQueues } from "./testing/queues.js";

const HOUR_MS = 3_600_000;

const answers = {
  SendMessage: [accepting],
  ReceiveMessage: [yielding("{}")],
  DeleteMessage: [succeeding()],
  ChangeMessageVisibility: [succeeding()],
};

async function receiveOne(transport: SqsTransport, visibilityMs = 60_000, waitMs = 20_000): Promise<Delivery> {
  const [delivery] = await transport.receive(ADDRESS, { max: 1, waitMs, visibilityMs });
  if (delivery === undefined) throw new Error("no delivery came");
  return delivery;
}

describe("a receipt", () => {
  it("is extended up to 12 hours, from when the message came, and then lost", async () => {
    await using server = await faultServer(answers);
    const clock = fakeClock();
    const delivery = await receiveOne(server.open({ clock }), 8 * HOUR_MS);
    await clock.advance(7 * HOUR_MS);
    expect(await delivery.extend(8 * HOUR_MS)).toBe("done");
    expect(server.requests.at(-1)?.input.VisibilityTimeout).toBe(5 * 3_600 - 5);
    // What is left of it is less than the margin for SQS's own clock.
    await clock.advance(5 * HOUR_MS - 5_500);
    expect(await delivery.extend(HOUR_MS)).toBe("lease-lost");
    expect(await delivery.reject("too late")).toBe("lease-lost");
    expect(server.requests.some(({ operation }) => operation === "SendMessage")).toBe(false);
    await clock.advance(500);
    expect(await delivery.acknowledge()).toBe("lease-lost");
  });

  it("is given back at once where its 12 hours leave no room for the delay", async () => {
    await using server = await faultServer(answers);
    const clock = fakeClock();
    const delivery = await receiveOne(server.open({ clock }), MAX_VISIBILITY_MS);
    await clock.advance(MAX_VISIBILITY_MS - 2_000);
    expect(await delivery.release(60_000)).toBe("done");
    expect(server.requests.at(-1)?.input.VisibilityTimeout).toBe(0);
  });

  it("hides its message for whole seconds, never fewer than were asked for", async () => {
    await using server = await faultServer(answers);
    const delivery = await receiveOne(server.open({ clock: fakeClock() }), 1_001);
    expect(server.requests.at(-1)?.input.VisibilityTimeout).toBe(2);
    await delivery.extend(2_500);
    expect(server.requests.at(-1)?.input.VisibilityTimeout).toBe(3);
    await delivery.release(1);
    expect(server.requests.at(-1)?.input.VisibilityTimeout).toBe(1);
  });
});

describe("a rejection", () => {
  it("carries the trace on, and names the reason as people can read it", async () => {
    const header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    await using server = await faultServer(answers);
    const record = {
      messageId: "id",
      receiptHandle: "receipt",
      body: "{}",
      attributes: { MessageGroupId: "task", ApproximateReceiveCount: "1", AWSTraceHeader: header },
    };
    await server.open().deliveryOf(ADDRESS, record).reject("bad \u0007 bell");
    const sending = server.requests.find(({ operation }) => operation === "SendMessage");
    expect(sending?.input).toMatchObject({
      MessageSystemAttributes: { AWSTraceHeader: { StringValue: header } },
      MessageAttributes: { reason: { DataType: "String", StringValue: "bad \\u0007 bell" } },
      MessageDeduplicationId: "rejected-id",
    });
  });

  it("of a message that leaves no room for a reason goes without one", async () => {
    await using server = await faultServer({ ...answers, ReceiveMessage: [yielding("x".repeat(20_000))] });
    const delivery = await receiveOne(server.open({ maxMessageBytes: 20_000 }));
    expect(await delivery.reject("why")).toBe("done");
    const sending = server.requests.find(({ operation }) => operation === "SendMessage");
    expect(sending?.input).not.toHaveProperty("MessageAttributes");
  });
});

describeWithServers(["sqs"], "on a server", ({ sqs }) => {
  it.concurrent("a rejection that broke off between its two writes leaves one dead letter and no message, when it is repeated", async () => {
    using place = testQueues(sqs);
    const queues = { agent: await place.create() };
    const breaking = place.another({ maxAttempts: 1 });
    breaking.middlewareStack.add((next, { commandName }) => async (call) => {
      if (commandName === "DeleteMessageCommand") throw new Error("the process died here");
      return await next(call);
    });
    const transport = sqsTransport({ queues, client: breaking });
    await transport.send(ADDRESS, MESSAGE);
    const delivery = await receiveOne(transport);
    await expect(delivery.reject("first")).rejects.toMatchObject({ name: "TransportError", retryable: true });
    expect(await delivery.release(0)).toBe("done");

    const other = sqsTransport({ queues, client: place.another() });
    expect(await (await receiveOne(other)).reject("second")).toBe("done");
    expect(await collect(other.deadLetters(ADDRESS))).toMatchObject([{ body: MESSAGE.body, reason: "first" }]);
    expect(await other.receive(ADDRESS, { max: 1, waitMs: 1_000, visibilityMs: 1_000 })).toEqual([]);
  });

  it.concurrent("a batch with several messages of one group keeps their order when all are given back, the first with a delay", async () => {
    using place = testQueues(sqs);
    const transport = sqsTransport({ queues: { agent: await place.create() }, client: place.another() });
    for (const body of ["1", "2", "3"]) await transport.send(ADDRESS, { ...MESSAGE, body, deduplicationId: body });
    const look = { max: 10, waitMs: 0, visibilityMs: 60_000 };
    const batch = await transport.receive(ADDRESS, look);
    expect(batch.map(({ body }) => body)).toEqual(["1", "2", "3"]);
    for (const [index, delivery] of batch.entries()) await delivery.release(index === 0 ? 2_000 : 0);
    // The others are visible, yet their group is locked by the first, which is not.
    expect(await transport.receive(ADDRESS, look)).toEqual([]);
    const again = await transport.receive(ADDRESS, { ...look, waitMs: 20_000 });
    expect(again.map(({ body, receiveCount }) => [body, receiveCount])).toEqual([
      ["1", 2],
      ["2", 2],
      ["3", 2],
    ]);
  });

  it.concurrent("a message that a Lambda's event source received is settled by its record", async () => {
    using place = testQueues(sqs);
    const queue = await place.create();
    const transport = sqsTransport({ queues: { agent: queue }, client: place.another() });
    await transport.send(ADDRESS, { ...MESSAGE, traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` });
    const received = await place.sqs.receiveMessage({ QueueUrl: queue.url, MessageSystemAttributeNames: ["All"] });
    const [message] = received.Messages ?? [];
    const delivery = transport.deliveryOf(ADDRESS, {
      messageId: message?.MessageId ?? "",
      receiptHandle: message?.ReceiptHandle ?? "",
      body: message?.Body ?? "",
      attributes: message?.Attributes ?? {},
    });
    expect(message?.Attributes?.AWSTraceHeader).toBe(
      `Root=1-aaaaaaaa-${"a".repeat(24)};Parent=${"b".repeat(16)};Sampled=1`,
    );
    expect(delivery).toMatchObject({ id: `${message?.MessageId}.1`, body: "{}", groupId: "task", receiveCount: 1 });
    expect(await delivery.extend(60_000)).toBe("done");
    expect(await delivery.acknowledge()).toBe("done");
    expect(await delivery.acknowledge()).toBe("lease-lost");
    expect(await transport.receive(ADDRESS, { max: 1, waitMs: 0, visibilityMs: 1_000 })).toEqual([]);
  });
});
