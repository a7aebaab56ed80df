import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { createRelay, declareAgent, defineAgent } from "@agenthandoff/core";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { expect, it, onTestFinished } from "vitest";
import { type Ended, python } from "./testing/python.js";
import { testResources } from "./testing/resources.js";

const producer = join(import.meta.dirname, "../../../examples/python-producer/producer.py");

describeWithServers(["s3", "sqs", "dynamodb"], "a producer in Python", (servers) => {
  /** Research asks the producer `questions` times for more; then writing completes the task. */
  async function createWorld({ questions = 0 } = {}) {
    const place = await testResources(servers, { agents: ["ingest", "research", "write"] });
    onTestFinished(() => place.dispose());
    const { bucket, queues } = place.resources;
    const queueUrl = (agent: string) => queues[agent]?.url ?? "";
    const backend = place.open();
    const { s3, sqs } = place.clients();
    const run = await python(servers);
    const research = defineAgent({
      name: "research",
      handsTo: ["ingest", "write"],
      run: ({ context, handoff }) =>
        context.outputs({ agent: "ingest" }).length < questions
          ? handoff("ingest", { reason: "more, please" })
          : handoff("write", { output: { seen: [context.input, ...context.outputs({ agent: "ingest" })] } }),
    });
    const write = defineAgent({ name: "write", run: ({ context }) => context.latest("research") });
    const relay = createRelay({
      id: "producers",
      agents: [declareAgent({ name: "ingest", handsTo: ["research"] }), research, write],
      backend,
      acceptUnversioned: { prefix: "handoffs/" },
    });
    const where = ["--bucket", bucket, "--queue-url", queueUrl("research"), "--producer", "ingest"];

    async function program(...args: readonly string[]): Promise<string> {
      const { exitCode, output, errors } = await run(
        [producer, ...args.slice(0, 1), ...where, ...args.slice(1, -1)],
        args.at(-1),
      );
      expect(errors).toBe("");
      expect(exitCode).toBe(0);
      return output;
    }

    return {
      relay,
      backend,
      handOver: (taskId: string, name: string, content: unknown) =>
        program("hand-over", "--task-id", taskId, "--name", name, JSON.stringify(content)),
      answer: (content: unknown) => program("answer", "--own-queue-url", queueUrl("ingest"), JSON.stringify(content)),
      /** A few lines of the same language, for what the program would not do. */
      lines: (code: string): Promise<Ended> =>
        run(["-c", `import boto3\ns3, sqs = boto3.client("s3"), boto3.client("sqs")\n${code}`]),
      put: (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body })),
      /** The message that points at a key, with a deduplication id of its own: SQS takes it for a new one. */
      send: (taskId: string, key: string) =>
        sqs.send(
          new SendMessageCommand({
            QueueUrl: queueUrl("research"),
            MessageBody: JSON.stringify({ from_agent: "ingest", context_s3_key: key, task_id: taskId }),
            MessageGroupId: taskId,
            MessageDeduplicationId: randomUUID(),
          }),
        ),
      /** Receives one message as a worker does, and says what became of it. */
      async deliver(agent: "research" | "write") {
        const address = { relayId: "producers", agent };
        const [delivery] = await backend.transport.receive(address, { max: 1, waitMs: 20_000, visibilityMs: 60_000 });
        if (delivery === undefined) throw new Error(`nothing is in the queue of ${agent}`);
        return await relay.handle(delivery, { agent });
      },
      async reasons() {
        const reasons: (string | undefined)[] = [];
        for await (const { reason } of backend.transport.deadLetters({ relayId: "producers", agent: "research" }))
          reasons.push(reason);
        return reasons;
      },
      async decisions(taskId: string) {
        const { handoffs } = await relay.task(taskId).context();
        return handoffs.map(({ fromAgent, decision }) => [
          fromAgent,
          decision.kind === "handoff" ? decision.to : decision.kind,
        ]);
      },
      queueUrl,
    };
  }

  it("starts a chain that agents in TypeScript complete", async () => {
    const world = await createWorld();
    const input = { file: "orders.csv", note: "größer 📦", rows: [1, 2.5, null] };
    expect(await world.handOver("orders-1", "a", input)).toBe("handoffs/ingest/a.json");
    expect(await world.deliver("research")).toEqual({ status: "committed", decision: "handoff" });
    expect(await world.deliver("research")).toEqual({ status: "committed", decision: "handoff" });
    expect(await world.deliver("write")).toEqual({ status: "committed", decision: "complete" });
    const task = world.relay.task("orders-1");
    expect(await task.result()).toMatchObject({ status: "completed", output: { seen: [input] } });
    expect(await world.decisions("orders-1")).toEqual([
      [null, "research"],
      ["research", "write"],
      ["write", "complete"],
    ]);
    expect((await task.verify()).problems).toEqual([]);
  });

  it("is handed the task back, and each of its keys is accepted once, however often its messages come", async () => {
    const world = await createWorld({ questions: 2 });
    const first = await world.handOver("orders-2", "a", { turn: 0 });
    await world.send("orders-2", first);
    expect(await world.deliver("research")).toMatchObject({ status: "committed" });
    expect(await world.deliver("research")).toEqual({ status: "helped" });
    expect(await world.decisions("orders-2")).toEqual([[null, "research"]]);
    const keys = [first];
    for (const turn of [1, 2]) {
      expect(await world.deliver("research")).toMatchObject({ status: "committed" });
      // The task waits for the producer, whose old messages come again.
      for (const key of keys) {
        await world.send("orders-2", key);
        expect(await world.deliver("research")).toEqual({ status: "helped" });
      }
      expect(await world.decisions("orders-2")).toHaveLength(2 * turn);
      keys.push(await world.answer({ turn }));
      expect(await world.deliver("research")).toMatchObject({ status: "committed" });
    }
    await world.deliver("research");
    await world.deliver("write");
    for (const key of keys) await world.send("orders-2", key);
    for (const _key of keys) expect(await world.deliver("research")).toEqual({ status: "helped" });
    expect(new Set(keys).size).toBe(3);
    expect(await world.relay.task("orders-2").result()).toMatchObject({
      status: "completed",
      output: { seen: [{ turn: 0 }, { turn: 1 }, { turn: 2 }] },
    });
    expect(await world.decisions("orders-2")).toEqual([
      [null, "research"],
      ...["ingest", "ingest"].flatMap((agent) => [
        ["research", agent],
        [agent, "research"],
      ]),
      ["research", "write"],
      ["write", "complete"],
    ]);
    expect(await world.reasons()).toEqual([]);
  });

  it("that repeats itself under the same name changes nothing, whatever it hands over then", async () => {
    const world = await createWorld();
    await world.handOver("orders-3", "a", { turn: 0 });
    await world.handOver("orders-3", "a", { turn: "another" });
    await world.deliver("research");
    expect(await world.relay.task("orders-3").context()).toMatchObject({ input: { turn: 0 } });
  });

  it("is told by SQS itself of a message without a deduplication id, and nothing is sent", async () => {
    const world = await createWorld();
    const { exitCode, errors } = await world.lines(
      `sqs.send_message(QueueUrl="${world.queueUrl("research")}", MessageBody="{}", MessageGroupId="t")`,
    );
    expect(exitCode).toBe(1);
    expect(errors).toContain("ClientError");
    expect(errors).toContain("MessageDeduplicationId");
    const look = { max: 1, waitMs: 0, visibilityMs: 1_000 };
    expect(await world.backend.transport.receive({ relayId: "producers", agent: "research" }, look)).toEqual([]);
  });

  it("finds what it did wrong in the dead-letter queue, by name, and the task as it was", async () => {
    const world = await createWorld();
    const key = await world.handOver("orders-4", "a", { turn: 0 });
    expect(await world.deliver("research")).toMatchObject({ status: "committed" });
    expect(await world.deliver("research")).toMatchObject({ status: "committed" });
    await world.put(key, '{"turn": "changed"}');
    await world.send("orders-4", key);
    await world.put("handoffs/ingest/b.json", "[]");
    await world.send("orders-4", "handoffs/ingest/b.json");
    await world.send("orders-5", "handoffs/ingest/b.json");
    await world.send("orders-5", "handoffs/ingest/nothing.json");
    await world.send("orders-5", "producers/slots/orders-4/0000000000.ndjson.gz");
    const deliver = async () => await world.deliver("research");
    const outcomes = [await deliver(), await deliver(), await deliver(), await deliver(), await deliver()];
    expect(outcomes.map(({ status }) => status)).toEqual(Array(5).fill("rejected"));
    await world.deliver("write");
    await world.send("orders-4", "handoffs/ingest/b.json");
    expect(await deliver()).toMatchObject({ status: "rejected" });
    const expected = [
      "the object was changed after it was accepted at hop 0",
      'task orders-4 is handed to "write"; it does not wait for "ingest"',
      "the object is not a JSON object",
      "there is no object at the context_s3_key",
      "the context_s3_key is not allowed",
      'task orders-4 is completed; it does not wait for "ingest"',
    ];
    expect((await world.reasons()).toSorted()).toEqual(
      expected.toSorted().map((reason) => expect.stringContaining(reason)),
    );
    expect(await world.relay.task("orders-4").result()).toMatchObject({ output: { seen: [{ turn: 0 }] } });
  });
});
