import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { afterAll, expect, it } from "vitest";
import type { SqsQueue } from "./queues.js";
import { sqsTransport } from "./sqs-transport.js";
import { testQueues } from "./testing/queues.js";

describeWithServers(["sqs"], "a check of queues on a server", ({ sqs }) => {
  const place = testQueues(sqs);
  afterAll(() => place[Symbol.dispose]());
  const check = async (queue: SqsQueue, options: { readonly functionTimeoutMs?: number } = {}) =>
    await sqsTransport({ queues: { qa: queue }, client: place.another() }).check("relay", ["qa"], options);

  /** As the README says. */
  const deadLetterAttributes = { MessageRetentionPeriod: "1209600" };
  const attributes = { MessageRetentionPeriod: "1209600", VisibilityTimeout: "180" };

  it("has nothing to say of queues that are set up as the README says", async () => {
    const queue = await place.create({ attributes, deadLetterAttributes });
    expect(await check(queue, { functionTimeoutMs: 30_000 })).toEqual([]);
  });

  it("refuses a queue without a dead-letter queue", async () => {
    const { url, deadLetterUrl } = await place.create();
    await expect(check({ url: deadLetterUrl, deadLetterUrl: url })).rejects.toMatchObject({
      name: "BackendUnusableError",
      reason: "no-dead-letter-queue",
    });
  });

  it("refuses a dead-letter queue that is another queue's", async () => {
    const [mine, other] = [await place.create(), await place.create()];
    await expect(check({ ...mine, deadLetterUrl: other.deadLetterUrl })).rejects.toMatchObject({
      reason: "wrong-dead-letter-queue",
    });
  });

  it("refuses a queue that buries messages before an agent had its attempts", async () => {
    await expect(check(await place.create({ maxReceiveCount: 3 }))).rejects.toMatchObject({
      reason: "receive-count-too-low",
    });
  });

  it("refuses a queue whose visibility is shorter than its function may take, six times over", async () => {
    const queue = await place.create({ attributes: { VisibilityTimeout: "179" } });
    await expect(check(queue, { functionTimeoutMs: 30_000 })).rejects.toMatchObject({ reason: "visibility-too-short" });
  });

  it("refuses a queue that is missing", async () => {
    const { url, deadLetterUrl } = await place.create();
    const missing = check({ url: url.replace("test-", "gone-"), deadLetterUrl });
    await expect(missing).rejects.toMatchObject({ name: "BackendUnusableError", reason: "missing", retryable: false });
  });

  it("refuses an agent without a queue", async () => {
    const transport = sqsTransport({ queues: { qa: await place.create() }, client: place.another() });
    await expect(transport.check("relay", ["qa", "deploy"])).rejects.toMatchObject({ reason: "no-queue" });
  });

  it("rejects with a TransportError where SQS cannot tell", async () => {
    const queue = await place.create();
    const client = place.another({ endpoint: "http://127.0.0.1:1", maxAttempts: 1 });
    await expect(sqsTransport({ queues: { qa: queue }, client }).check("relay", ["qa"])).rejects.toMatchObject({
      name: "TransportError",
      retryable: true,
    });
  });

  it("advises on what would work better", async () => {
    const advice = await check(await place.create({ maxReceiveCount: 10, attributes, deadLetterAttributes }));
    expect(advice).toEqual([expect.stringContaining("maxReceiveCount to 30")]);
  });
});
