import type { BackendUnusableError } from "@agenthandoff/core";
import { describe, expect, it } from "vitest";
import { judge, type QueueSetup } from "./check.js";

const DAY = 86_400;
const deadLetterTargetArn = "arn:aws:sqs:eu-central-1:123456789012:qa-dead.fifo";

/** Queues as the README sets them up, but for what is given. */
function setup(attributes: QueueSetup["attributes"] = {}, dead: QueueSetup["attributes"] = {}): QueueSetup {
  return {
    agent: "qa",
    queue: { url: "https://sqs/1/qa.fifo", deadLetterUrl: "https://sqs/1/qa-dead.fifo" },
    attributes: {
      FifoQueue: "true",
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 100 }),
      VisibilityTimeout: "120",
      MaximumMessageSize: "1048576",
      MessageRetentionPeriod: String(14 * DAY),
      ...attributes,
    },
    deadLetterAttributes: {
      QueueArn: deadLetterTargetArn,
      FifoQueue: "true",
      MaximumMessageSize: "1048576",
      MessageRetentionPeriod: String(14 * DAY),
      ...dead,
    },
    maxMessageBytes: 1_048_576,
  };
}

const without = (name: "RedrivePolicy" | "FifoQueue"): QueueSetup => {
  const { [name]: _left, ...attributes } = setup().attributes;
  return { ...setup(), attributes };
};
const policy = (maxReceiveCount: unknown, arn = deadLetterTargetArn) => ({
  RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount }),
});

describe("queues that cannot work", () => {
  it.each([
    ["standard-queue", without("FifoQueue"), {}, "qa.fifo"],
    ["standard-queue", setup({}, { FifoQueue: "false" }), {}, "qa-dead.fifo"],
    ["no-dead-letter-queue", without("RedrivePolicy"), {}, "point it at https://sqs/1/qa-dead.fifo"],
    ["wrong-dead-letter-queue", setup(policy(100, `${deadLetterTargetArn}x`)), {}, "qa-dead.fifox"],
    ["receive-count-too-low", setup(policy(3)), {}, "set maxReceiveCount to 30"],
    ["receive-count-too-low", setup(policy(5)), { maxAttempts: 5 }, "set maxReceiveCount to 50"],
    ["message-size", setup({ MaximumMessageSize: "262144" }), {}, "maxMessageBytes to 262144"],
    ["message-size", setup({}, { MaximumMessageSize: "262144" }), {}, "qa-dead.fifo"],
    [
      "visibility-too-short",
      setup({ VisibilityTimeout: "179" }),
      { functionTimeoutMs: 30_000 },
      "VisibilityTimeout to 180",
    ],
  ])("are refused by the name %s, with what to do", (reason, given, options, message) => {
    expect(() => judge(given, options)).toThrow(
      expect.objectContaining<Partial<BackendUnusableError>>({
        name: "BackendUnusableError",
        reason,
        retryable: false,
      }),
    );
    expect(() => judge(given, options)).toThrow(message);
    expect(() => judge(given, options)).toThrow('"qa"');
  });
});

describe("queues that can work", () => {
  it("are not talked about where nothing can be better", () => {
    expect(judge(setup())).toEqual([]);
    expect(judge(setup({ VisibilityTimeout: "180" }), { functionTimeoutMs: 30_000 })).toEqual([]);
    // Workers extend their messages, whatever the queue's own timeout.
    expect(judge(setup({ VisibilityTimeout: "0" }))).toEqual([]);
  });

  it("may have a redrive policy that was written by hand", () => {
    expect(judge(setup(policy("100")))).toEqual([]);
  });

  it("are not held to what the server does not tell", () => {
    const { MaximumMessageSize: _size, MessageRetentionPeriod: _days, ...attributes } = setup().attributes;
    expect(
      judge({ ...setup(), attributes, deadLetterAttributes: { QueueArn: deadLetterTargetArn, FifoQueue: "true" } }),
    ).toEqual([]);
  });

  it.each([
    ["bury early", setup(policy(29)), "maxReceiveCount to 30"],
    ["forget early", setup({ MessageRetentionPeriod: String(4 * DAY - 1) }), "MessageRetentionPeriod to 1209600"],
    ["forget dead letters early", setup({}, { MessageRetentionPeriod: String(4 * DAY) }), "qa-dead.fifo"],
    ["have a dead-letter queue for dead letters", setup({}, policy(3)), "remove its RedrivePolicy"],
  ])("but %s come with advice", (_what, given, advice) => {
    expect(judge(given)).toEqual([expect.stringContaining(advice)]);
  });
});
