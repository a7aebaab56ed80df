import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SQS } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { credentials, region } from "../credentials.js";
import { type Servers, startServers } from "../start-servers.js";
import { describeWith } from "../testing/describe-with.js";
import { bundleFunction } from "./bundle.js";
import { type EventSourceOptions, eventSource } from "./event-source.js";
import { lambdaFunction } from "./lambda-function.js";

const VISIBILITY_SECONDS = 1;

await describeWith(["elasticmq"], "a queue that feeds a function", () => {
  let servers: Servers<"elasticmq">;
  let folder: string;
  let bundle: string;
  beforeAll(async () => {
    servers = await startServers(["elasticmq"]);
    folder = await mkdtemp(join(tmpdir(), "lambda-"));
    bundle = (await bundleFunction({ entry: join(import.meta.dirname, "fixture/answers.ts"), folder })).file;
  });
  afterAll(async () => {
    await servers.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** A queue with these messages, each in a group of its own. */
  async function queueWith(
    bodies: readonly string[],
    { timeoutMs = 60_000, ...options }: Partial<EventSourceOptions> & { timeoutMs?: number } = {},
  ) {
    const client = new SQS({ endpoint: servers.servers.elasticmq.endpoint, region, credentials });
    onTestFinished(() => client.destroy());
    const { QueueUrl: queueUrl = "" } = await client.createQueue({
      QueueName: `q${Math.random().toString(36).slice(2)}.fifo`,
      Attributes: { FifoQueue: "true", VisibilityTimeout: String(VISIBILITY_SECONDS) },
    });
    for (const [index, body] of bodies.entries())
      await client.sendMessage({
        QueueUrl: queueUrl,
        MessageBody: body,
        MessageGroupId: `group-${index}`,
        MessageDeduplicationId: String(index),
        MessageAttributes: { note: { DataType: "String", StringValue: "a note" } },
      });
    const target = lambdaFunction({ bundle, timeoutMs });
    return { ...eventSource({ client, queueUrl, target, ...options }), client, queueUrl };
  }

  it("invokes it with the event that Lambda would make, and deletes what it does not report", async () => {
    const source = await queueWith(["done", "keep"]);
    const polled = await source.poll();
    expect(polled?.invocation).toMatchObject({ status: "returned" });
    const [done, keep] = ["done", "keep"].map((body) => polled?.event.Records.find((each) => each.body === body));
    expect([polled?.deleted, polled?.kept]).toEqual([[done?.messageId], [keep?.messageId]]);
    expect(Object.keys(done ?? {}).sort()).toEqual([
      "attributes",
      "awsRegion",
      "body",
      "eventSource",
      "eventSourceARN",
      "md5OfBody",
      "md5OfMessageAttributes",
      "messageAttributes",
      "messageId",
      "receiptHandle",
    ]);
    expect(done).toMatchObject({
      body: "done",
      md5OfBody: createHash("md5").update("done").digest("hex"),
      attributes: { ApproximateReceiveCount: "1", MessageGroupId: "group-0", MessageDeduplicationId: "0" },
      messageAttributes: {
        note: { stringValue: "a note", dataType: "String", stringListValues: [], binaryListValues: [] },
      },
      eventSource: "aws:sqs",
      eventSourceARN: expect.stringMatching(/^arn:aws:sqs:[^:]+:\d{12}:q\w+\.fifo$/),
    });
    const again = await source.poll({ waitSeconds: 10 });
    expect(again?.event.Records.map(({ body }) => body)).toEqual(["keep"]);
    expect(again?.event.Records[0]?.attributes.ApproximateReceiveCount).toBe("2");
  });

  it("has nothing to tell where nothing came", async () => {
    expect(await (await queueWith([])).poll({ waitSeconds: 0 })).toBeUndefined();
  });

  it.each([
    ["throws", "throw", { status: "error", error: { errorType: "RangeError", errorMessage: "as asked" } }],
    ["leaves a rejection to nobody", "reject", { status: "error", error: { errorType: "EvalError" } }],
    ["ends its process", "exit", { status: "died" }],
  ])("deletes nothing where it %s", async (_what, body, outcome) => {
    const source = await queueWith([body, "done"]);
    const polled = await source.poll();
    expect(polled).toMatchObject({ deleted: [], invocation: outcome });
    expect(polled?.kept).toHaveLength(2);
  });

  it("kills it at the end of its time, of which it knew, and deletes nothing", async () => {
    const source = await queueWith(["hang"], { timeoutMs: 500 });
    const polled = await source.poll();
    expect(polled).toMatchObject({ deleted: [], invocation: { status: "timed-out" } });
    const [, left] = /with (\d+) ms/.exec(polled?.invocation.log ?? "") ?? [];
    expect(Number(left)).toBeGreaterThan(0);
    expect(Number(left)).toBeLessThanOrEqual(500);
  });

  it("kills it when it is told to, which is a crash", async () => {
    const source = await queueWith(["hang"]);
    const crash = new AbortController();
    const started: number[] = [];
    const polled = await source.poll({
      signal: crash.signal,
      onStarted: (processId) => {
        started.push(processId);
        crash.abort();
      },
    });
    expect(polled).toMatchObject({ deleted: [], invocation: { status: "died" } });
    expect(() => process.kill(started[0] ?? 0, 0)).toThrow("ESRCH");
  });

  it("feeds it in a process of its own each time until it is told to stop", async () => {
    const source = await queueWith(["1", "2", "3"], { batchSize: 1 });
    const stop = new AbortController();
    const logs: string[] = [];
    await source.run({
      signal: stop.signal,
      concurrency: 2,
      onPolled: ({ invocation }) => {
        logs.push(invocation.log);
        if (logs.length === 3) stop.abort();
      },
    });
    expect(new Set(logs.map((log) => /in (\d+)/.exec(log)?.[1])).size).toBe(3);
  });
});
