import { type Delivery, hasCode } from "@agenthandoff/core";
import { fakeClock } from "@agenthandoff/core/memory";
import { SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import type { SqsTransport } from "./sqs-transport.js";
import {
  ADDRESS,
  type Answer,
  accepting,
  failing,
  faultServer,
  hangingUp,
  MESSAGE,
  silent,
  succeeding,
  yielding,
} from "./testing/fault-server.js";

const look = { max: 1, waitMs: 0, visibilityMs: 30_000 };

async function firstDelivery(transport: SqsTransport): Promise<Delivery> {
  const [delivery] = await transport.receive(ADDRESS, look);
  if (delivery === undefined) throw new Error("no delivery");
  return delivery;
}

const operations: { readonly [name: string]: (transport: SqsTransport) => Promise<unknown> } = {
  SendMessage: (transport) => transport.send(ADDRESS, MESSAGE),
  ReceiveMessage: (transport) => transport.receive(ADDRESS, look),
  DeleteMessage: async (transport) => await (await firstDelivery(transport)).acknowledge(),
  ChangeMessageVisibility: async (transport) => await (await firstDelivery(transport)).extend(60_000),
};

/** Answers everything but one operation. */
const withFault = (operation: string, ...answers: readonly Answer[]) =>
  faultServer({
    SendMessage: [accepting],
    ReceiveMessage: [yielding("{}")],
    DeleteMessage: [succeeding()],
    ChangeMessageVisibility: [succeeding()],
    [operation]: answers,
  });

describe.each(Object.keys(operations))("%s", (operation) => {
  const call = (transport: SqsTransport) => operations[operation]?.(transport);

  it("that is throttled is tried again by the SDK, and succeeds", async () => {
    await using server = await withFault(
      operation,
      failing("RequestThrottled"),
      failing("ThrottlingException"),
      ...(operation === "SendMessage"
        ? [accepting]
        : operation === "ReceiveMessage"
          ? [yielding("{}")]
          : [succeeding()]),
    );
    await call(server.open({ maxAttempts: 3 }));
    expect(server.requests.filter((request) => request.operation === operation)).toHaveLength(3);
  });

  it("that is throttled for long rejects with a retryable TransportError", async () => {
    await using server = await withFault(operation, failing("RequestThrottled"));
    await expect(call(server.open())).rejects.toMatchObject({ name: "TransportError", retryable: true });
  });

  it("with expired credentials says so, and what to do; it is retryable, since a provider renews them", async () => {
    await using server = await withFault(operation, failing("ExpiredToken", { status: 403 }));
    await expect(call(server.open())).rejects.toMatchObject({
      name: "TransportError",
      retryable: true,
      cause: { name: "BackendUnusableError", reason: "credentials-expired" },
    });
  });

  it("that the role may not do names the README's table", async () => {
    await using server = await withFault(operation, failing("AccessDenied", { status: 403 }));
    await expect(call(server.open())).rejects.toMatchObject({ cause: { reason: "permission" } });
  });

  it("on a queue that is missing says so, and is not retryable", async () => {
    await using server = await withFault(operation, failing("QueueDoesNotExist"));
    await expect(call(server.open())).rejects.toMatchObject({ retryable: false, cause: { reason: "missing" } });
  });

  it.each([
    ["fails", failing("InternalFailure", { status: 500 })],
    ["ends the connection", hangingUp],
  ])("of a service that %s rejects with a retryable TransportError", async (_what, answer) => {
    await using server = await withFault(operation, answer);
    await expect(call(server.open())).rejects.toMatchObject({ name: "TransportError", retryable: true });
  });

  it("of a service that never answers rejects once the client's time limit is over", async () => {
    await using server = await withFault(operation, silent);
    const client = new SQSClient({
      endpoint: server.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
      requestHandler: { requestTimeout: 200, throwOnRequestTimeout: true },
    });
    await expect(call(server.open({ client }))).rejects.toMatchObject({ name: "TransportError", retryable: true });
    client.destroy();
  });
});

describe("a receipt that holds its message no longer", () => {
  const expired = "Value AQEB for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.";
  const gone =
    "Value AQEB for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.";
  const tooLong =
    "Value 43200 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].";

  it.each([
    ["ReceiptHandleIsInvalid", undefined],
    ["MessageNotInflight", undefined],
    ["InvalidParameterValue", expired],
    ["InvalidParameterValue", gone],
    ["InvalidParameterValue", tooLong],
  ])("answers lease-lost to every question where SQS says %s", async (name, message) => {
    const answer = failing(name, message === undefined ? {} : { message });
    await using server = await faultServer({
      ReceiveMessage: [yielding("{}")],
      DeleteMessage: [answer],
      ChangeMessageVisibility: [answer],
    });
    const transport = server.open();
    expect(await (await firstDelivery(transport)).acknowledge()).toBe("lease-lost");
    expect(await (await firstDelivery(transport)).extend(60_000)).toBe("lease-lost");
    expect(await (await firstDelivery(transport)).release(0)).toBe("lease-lost");
    expect(await (await firstDelivery(transport)).reject("why")).toBe("lease-lost");
    expect(server.requests.filter(({ operation }) => operation === "SendMessage")).toEqual([]);
  });

  it("is no excuse for another refusal", async () => {
    const answer = failing("InvalidParameterValue", {
      message: "Value 99999 for parameter VisibilityTimeout is invalid.",
    });
    await using server = await withFault("ChangeMessageVisibility", answer);
    await expect((await firstDelivery(server.open())).extend(60_000)).rejects.toMatchObject({ name: "TransportError" });
  });

  it("costs no request once its visibility has run out: SQS may call a late deletion a success", async () => {
    const clock = fakeClock();
    await using server = await withFault("DeleteMessage", succeeding());
    const delivery = await firstDelivery(server.open({ clock }));
    await clock.advance(29_999);
    expect(await delivery.extend(10_000)).toBe("done");
    await clock.advance(10_000);
    const before = server.requests.length;
    expect(await delivery.acknowledge()).toBe("lease-lost");
    expect(server.requests).toHaveLength(before);
  });
});

describe("a message that the queue does not take", () => {
  it("for its size rejects with ContextTooLargeError and the queue's own limit", async () => {
    await using server = await faultServer({
      SendMessage: [failing("InvalidParameterValue", { message: "Message must be shorter than 1024 bytes." })],
      GetQueueAttributes: [succeeding({ Attributes: { MaximumMessageSize: "1024" } })],
    });
    const sending = server.open().send(ADDRESS, { ...MESSAGE, body: "x".repeat(2_000) });
    await expect(sending).rejects.toThrow(/1,?024/);
    await expect(sending).rejects.toSatisfy((error) => hasCode(error, "CONTEXT_TOO_LARGE"));
  });

  it("for something else rejects with what SQS says", async () => {
    await using server = await faultServer({
      SendMessage: [failing("InvalidParameterValue", { message: "MessageGroupId can only include alphanumeric" })],
      GetQueueAttributes: [succeeding({ Attributes: { MaximumMessageSize: "1024" } })],
    });
    const sending = server.open().send(ADDRESS, MESSAGE);
    await expect(sending).rejects.toThrow("MessageGroupId can only include");
    await expect(sending).rejects.toMatchObject({ name: "TransportError" });
  });
});

describe("too many messages in flight", () => {
  it("is a retryable TransportError: others will be acknowledged", async () => {
    await using server = await withFault("ReceiveMessage", failing("OverLimit"));
    await expect(server.open().receive(ADDRESS, look)).rejects.toMatchObject({
      name: "TransportError",
      retryable: true,
    });
  });
});

describe("a message of a standard queue", () => {
  const record = {
    messageId: "id",
    receiptHandle: "receipt",
    body: "{}",
    attributes: { ApproximateReceiveCount: "1" },
  };

  it("that a Lambda was given is refused by name", async () => {
    await using server = await faultServer({});
    expect(() => server.open().deliveryOf(ADDRESS, record)).toThrow(
      expect.objectContaining({ name: "BackendUnusableError", reason: "standard-queue" }),
    );
  });
});

describe("an answer that no SQS gives", () => {
  it.each([
    [
      "a message without a group, as in a standard queue",
      { MessageId: "1", ReceiptHandle: "2", Body: "", MD5OfBody: "d41d8cd98f00b204e9800998ecf8427e" },
    ],
    ["a message without a receipt", { MessageId: "1", Body: "", MD5OfBody: "d41d8cd98f00b204e9800998ecf8427e" }],
    [
      "a body with another checksum",
      { MessageId: "1", ReceiptHandle: "2", Body: "changed", MD5OfBody: "d41d8cd98f00b204e9800998ecf8427e" },
    ],
  ])("(%s) rejects with a TransportError", async (_what, message) => {
    await using server = await withFault("ReceiveMessage", succeeding({ Messages: [message] }));
    await expect(server.open().receive(ADDRESS, look)).rejects.toMatchObject({ name: "TransportError" });
  });
});
