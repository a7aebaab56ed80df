import { type BackendUnusableError, InvalidOptionsError } from "@agenthandoff/core";
import { describe, expect, it } from "vitest";
import type { SqsTransportOptions } from "./options.js";
import { sqsTransport } from "./sqs-transport.js";

const url = (name: string): string => `https://sqs.eu-central-1.amazonaws.com/123456789012/${name}`;
const queue = (name: string) => ({ url: url(`${name}.fifo`), deadLetterUrl: url(`${name}-dead.fifo`) });
const queues = { research: queue("research"), code: queue("code") };

/** For options as plain JavaScript gives them. */
const make = (options: unknown) => () => sqsTransport(options as SqsTransportOptions);

describe("the options", () => {
  it.each([
    ["nothing at all", undefined, "sqsTransport"],
    ["no queues", {}, "queues"],
    ["an empty record of queues", { queues: {} }, "must name at least one agent's queue"],
    [
      "a queue without a dead-letter queue",
      { queues: { qa: { url: url("qa.fifo") } } },
      "queues.qa.deadLetterUrl must be a queue's URL",
    ],
    [
      "a name where a URL belongs",
      { queues: { qa: { ...queue("qa"), url: "qa.fifo" } } },
      "queues.qa.url must be a queue's URL",
    ],
    [
      "one queue for two agents",
      { queues: { a: queue("a"), b: { ...queue("b"), url: url("a.fifo") } } },
      "a.fifo twice",
    ],
    [
      "one dead-letter queue for two agents",
      { queues: { a: queue("a"), b: { ...queue("b"), deadLetterUrl: url("a-dead.fifo") } } },
      "a-dead.fifo twice",
    ],
    [
      "a queue that is its own dead-letter queue",
      { queues: { a: { url: url("a.fifo"), deadLetterUrl: url("a.fifo") } } },
      "a.fifo twice",
    ],
    ["a poll beyond what SQS waits", { queues, longestPollSeconds: 21 }, "longestPollSeconds must be at most 20"],
    ["no time to poll", { queues, longestPollSeconds: 0 }, "longestPollSeconds must be at least 1"],
    [
      "messages beyond what SQS takes",
      { queues, maxMessageBytes: 1_048_577 },
      "maxMessageBytes must be at most 1,048,576",
    ],
    ["something else for a client", { queues, client: {} }, "client must be an SQSClient"],
    ["an option that there is not", { queues, visibilityMs: 1 }, "visibilityMs"],
  ])("%s is refused with what is wrong", (_what, options, message) => {
    expect(make(options)).toThrow(InvalidOptionsError);
    expect(make(options)).toThrow(message);
  });

  it.each([
    ["queue", { qa: { ...queue("qa"), url: url("qa") } }],
    ["dead-letter queue", { qa: { ...queue("qa"), deadLetterUrl: url("qa-dead") } }],
  ])("a standard %s is refused by name, before any request", (_what, wrong) => {
    expect(make({ queues: wrong })).toThrow(
      expect.objectContaining<Partial<BackendUnusableError>>({
        name: "BackendUnusableError",
        reason: "standard-queue",
      }),
    );
  });

  it("need no region, credentials or network to be accepted", () => {
    expect(sqsTransport({ queues, region: "eu-central-1" })).toMatchObject({
      maxMessageBytes: 262_144 - 8_192,
      maxVisibilityMs: 43_200_000,
      deduplicationMs: 300_000,
    });
  });
});

const message = { body: "{}", groupId: "task", deduplicationId: "1" };

describe("the queues of a relay", () => {
  it("that lack one for an agent say which, and that somebody has to name it", async () => {
    const sending = sqsTransport({ queues, region: "r" }).send({ relayId: "relay", agent: "qa" }, message);
    await expect(sending).rejects.toThrow('the relay "relay" has no queue for its agent "qa"');
    await expect(sending).rejects.toMatchObject({
      name: "TransportError",
      retryable: false,
      cause: { reason: "no-queue" },
    });
  });

  it("hold no queue for what every object has", async () => {
    const sending = sqsTransport({ queues, region: "r" }).send({ relayId: "relay", agent: "constructor" }, message);
    await expect(sending).rejects.toMatchObject({ cause: { reason: "no-queue" } });
  });

  it("serve no other relay", async () => {
    const transport = sqsTransport({ queues, region: "r" });
    transport.deliveryOf({ relayId: "mine", agent: "code" }, record);
    await expect(transport.send({ relayId: "yours", agent: "code" }, message)).rejects.toMatchObject({
      name: "TransportError",
      retryable: false,
      cause: { reason: "another-relay" },
    });
  });

  it("come from a function where several relays share a transport, and are held to the same", async () => {
    const transport = sqsTransport({
      queues: ({ relayId, agent }) =>
        relayId === "none" ? undefined : { ...queue(agent), url: url(`${relayId}-${agent}`) },
      region: "r",
    });
    await expect(transport.send({ relayId: "one", agent: "qa" }, message)).rejects.toMatchObject({
      cause: { reason: "standard-queue" },
    });
    await expect(transport.send({ relayId: "none", agent: "qa" }, message)).rejects.toMatchObject({
      cause: { reason: "no-queue" },
    });
  });
});

const record = {
  messageId: "id",
  receiptHandle: "receipt",
  body: "{}",
  attributes: { MessageGroupId: "task", ApproximateReceiveCount: "2" },
};

describe("a closed transport", () => {
  it("rejects every call with a TransportError that says so, a delivery's too", async () => {
    const address = { relayId: "relay", agent: "code" };
    const transport = sqsTransport({ queues, region: "r" });
    const delivery = transport.deliveryOf(address, record);
    transport.close();
    transport.close();
    const expected = { name: "TransportError", retryable: false };
    await expect(transport.send(address, message)).rejects.toMatchObject(expected);
    await expect(transport.send(address, message)).rejects.toThrow("this handle was closed");
    await expect(transport.receive(address, { max: 1, waitMs: 0, visibilityMs: 1 })).rejects.toMatchObject(expected);
    await expect(transport.redrive(address)).rejects.toMatchObject(expected);
    await expect(transport.check("relay", ["code"])).rejects.toMatchObject(expected);
    await expect(delivery.acknowledge()).rejects.toMatchObject(expected);
  });
});
