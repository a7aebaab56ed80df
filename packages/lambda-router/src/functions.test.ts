import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleFunction, type LambdaFunction, lambdaFunction, type Polled } from "@agenthandoff/test-servers/lambda";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Place, placeOn, type TestServers } from "./testing/place.js";

const AGENTS = ["first", "second", "mortal", "stuck"];
const FUNCTION_MS = 10_000;
const WAIT_SECONDS = 20;

describeWithServers(["s3", "sqs", "dynamodb"], "bundled functions on servers", (servers) => {
  let folder: string;
  let bundle: string;
  const places: Place[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "functions-"));
    bundle = (await bundleFunction({ entry: join(import.meta.dirname, "testing/functions/router.ts"), folder })).file;
  });
  afterAll(async () => {
    for (const each of places) each.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  async function place(): Promise<{ readonly place: Place; readonly router: LambdaFunction }> {
    const made = await placeOn(servers as TestServers, AGENTS);
    places.push(made);
    return { place: made, router: lambdaFunction({ bundle, timeoutMs: FUNCTION_MS, environment: made.environment }) };
  }

  const next = async (source: { poll(options: { waitSeconds: number }): Promise<Polled | undefined> }) => {
    const polled = await source.poll({ waitSeconds: WAIT_SECONDS });
    if (polled === undefined) throw new Error("nothing came");
    return polled;
  };

  it.concurrent("do a task's hops, each in a process of its own, and Lambda deletes what they did", async () => {
    const { place: at, router } = await place();
    const task = await at.caller.start({ to: "first", taskId: "t", input: "orders" });
    const one = await next(at.source("first", router));
    const two = await next(at.source("second", router));
    for (const { invocation, deleted, kept } of [one, two]) {
      expect(invocation).toMatchObject({ status: "returned", response: { batchItemFailures: [] } });
      expect([deleted.length, kept]).toEqual([1, []]);
    }
    const result = await task.result();
    expect(result).toMatchObject({
      status: "completed",
      output: { got: { of: "orders", at: new Date(0) }, process: expect.any(Number) },
    });
    expect(await at.source("first", router).poll({ waitSeconds: 0 })).toBeUndefined();
  });

  it.concurrent("that are killed leave their message visible soon after, not after six of their timeouts", async () => {
    const { place: at, router } = await place();
    const task = await at.caller.start({ to: "mortal", taskId: "t" });
    const source = at.source("mortal", router);
    expect(await next(source)).toMatchObject({ invocation: { status: "died" }, deleted: [] });
    // Its queue hides it for six minutes.
    const again = await next(source);
    expect(again.event.Records[0]?.attributes.ApproximateReceiveCount).toBe("2");
    expect(again.deleted).toHaveLength(1);
    expect(await task.result()).toMatchObject({ status: "completed", output: "done by attempt 2" });
  });

  it.concurrent("whose agent does not end give it back in time, and fail its task when that was often enough", async () => {
    const { place: at, router } = await place();
    const task = await at.caller.start({ to: "stuck", taskId: "t" });
    const source = at.source("stuck", router);
    const [one, two] = [await next(source), await next(source)];
    expect([one.kept.length, two.kept.length]).toEqual([1, 0]);
    for (const { invocation } of [one, two])
      expect(invocation).toMatchObject({ status: "returned", log: expect.stringContaining("told to stop") });
    expect(await task.result()).toMatchObject({
      status: "failed",
      error: { message: expect.stringContaining('relay.worker({ agents: ["stuck"] })') },
    });
  });

  it.concurrent("bury what nobody can use, with the reason", async () => {
    const { place: at, router } = await place();
    await at.send("first", "not an envelope");
    expect((await next(at.source("first", router))).kept).toEqual([]);
    const reasons: unknown[] = [];
    const address = { relayId: at.relayId, agent: "first" };
    for await (const { reason } of at.caller.backend.transport.deadLetters(address)) reasons.push(reason);
    expect(reasons).toEqual(["the message is not JSON"]);
  });

  it.concurrent("keep of a batch what is behind one that was given back, in its order, and do the rest", async () => {
    const { place: at, router } = await place();
    const newer = JSON.stringify({ v: 2, task_id: "newer" });
    await at.send("first", newer, "a");
    await at.send("first", "behind it", "a");
    await at.send("first", "beside it", "b");
    const { event, kept, deleted } = await next(at.source("first", router));
    const idOf = (body: string) => event.Records.find((each) => each.body === body)?.messageId;
    expect(event.Records).toHaveLength(3);
    expect([kept, deleted]).toEqual([[idOf(newer), idOf("behind it")], [idOf("beside it")]]);
    // What is behind is visible already, and yet comes after.
    const again = await next(at.source("first", router));
    expect(again.event.Records[0]?.body).toBe(newer);
  });

  it.concurrent("keep what comes from a queue that is none of theirs, and say whose it is", async () => {
    const [{ router }, { place: other }] = await Promise.all([place(), place()]);
    await other.caller.start({ to: "first", taskId: "t" });
    const { invocation, kept } = await next(other.source("first", router));
    expect(kept).toHaveLength(1);
    expect(invocation.log).toContain(`${other.relayId}-first.fifo, which is the queue of none of this relay's agents`);
  });

  it.concurrent("fail as a whole for what is no event of SQS, and load without anything beside their bundle", async () => {
    const { router } = await place();
    const { initMs, ...invocation } = await router.invoke({ Records: [{ eventSource: "aws:s3" }] });
    expect(invocation).toMatchObject({ status: "error", error: { errorType: "InvalidOptionsError" } });
    expect(initMs).toBeGreaterThan(0);
  });
});
