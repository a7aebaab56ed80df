import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ClassCodec, createRelay, declareAgent, defineAgent } from "@agenthandoff/core";
import { memory } from "@agenthandoff/core/memory";
import { describeWithPython, describeWithServers } from "@agenthandoff/test-servers/vitest";
import { PurgeQueueCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, type GateBed, gateBed } from "./testing/gate-bed.js";
import { RELAY_ID, type TestServers } from "./testing/place.js";
import { PYTHON_AGENT, type PythonAgent, type PythonAgentOptions, pythonAgent } from "./testing/python-agent.js";

class Point {
  readonly x = 1;
}
const pointCodec: ClassCodec<Point> = {
  name: "example.Point",
  is: (value): value is Point => value instanceof Point,
  encode: ({ x }) => ({ x }),
  decode: () => new Point(),
};

/** The keys of the calls that the agents in Python make, as an agent in TypeScript has them. */
async function keysHere(taskId: string): Promise<unknown> {
  const release = defineAgent({
    name: "release",
    run: ({ idempotencyKey, complete }) => {
      const call = () => idempotencyKey("charge", { price: 12.5, since: new Date(0), umlaut: "ü" });
      return complete({ output: [call(), call()] });
    },
  });
  const relay = createRelay({ id: RELAY_ID, agents: [release], backend: memory() });
  await relay.run({ to: "release", taskId });
  return (await relay.task(taskId).context()).latest("release");
}

await describeWithPython(PYTHON_AGENT, "an agent in Python", (python) => {
  describeWithServers(["s3", "sqs", "dynamodb"], "on the servers that stand for AWS", (servers) => {
    let bed: GateBed;
    beforeAll(async () => {
      bed = await gateBed(servers as TestServers);
    });
    afterAll(() => bed[Symbol.asyncDispose]());

    const run = (agent: string, more: Partial<PythonAgentOptions> = {}): Promise<PythonAgent> =>
      pythonAgent({ python, place: bed.place, agent: `agents:${agent}`, ...more });
    const started = ({ folder }: PythonAgent) =>
      eventually(async () => existsSync(join(folder, "started")) || undefined);

    describe("that is given bad input", () => {
      let agent: PythonAgent;
      beforeAll(async () => {
        agent = await run("handing_on");
      });
      afterAll(async () => {
        await agent[Symbol.asyncDispose]();
        // What it left to others, and hid for some seconds.
        const { queues } = bed.place.resources;
        await bed.place.sqs.send(new PurgeQueueCommand({ QueueUrl: queues.release?.url }));
      });

      it.concurrent.each<[string, Record<string, string>]>([
        ["another handoff", { handoff_sha256: "a".repeat(64) }],
        ["another key", { context_s3_key: `${RELAY_ID}/slots/other/0000000000.ndjson.gz` }],
        ["another agent", { to_agent: "code" }],
      ])("refuses an envelope that names %s than the slot, and the task goes on by its own", async (_what, changes) => {
        const task = await bed.start();
        await bed.send(task, changes);
        expect(await bed.until(task, "0 refused")).toMatchObject({ agent: "release" });
        expect(await bed.kinds(task)).toEqual(["0 committed", "0 refused"]);
        await bed.send(task, { generation: 1 });
        await bed.until(task, "1 committed");
        expect(await bed.row(task)).toMatchObject({ status: "running", headHop: 1, agent: "deploy" });
        expect((await bed.relay.task(task).verify()).problems).toEqual([]);
      });

      it.concurrent("refuses an envelope of a hop that nobody has filled: it is no new task", async () => {
        const task = await bed.start();
        await bed.send(task, { hop: 4, context_s3_key: bed.slotKey(task, 4) });
        await bed.until(task, "4 refused");
        expect((await bed.relay.task(task).head()).hop).toBe(0);
      });

      it.concurrent("rejects what nobody can use to the dead-letter queue, with the reason", async () => {
        const address = { relayId: RELAY_ID, agent: "release" };
        const message = { body: "hello", groupId: "nobody", deduplicationId: "hello" };
        await bed.backend.transport.send(address, message);
        expect((await bed.until("-", "0 rejected")).detail.reason).toContain("no envelope");
        const dead = await eventually(async () => {
          for await (const letter of bed.backend.transport.deadLetters(address)) return letter;
        });
        expect(dead).toMatchObject({ body: "hello", reason: expect.stringContaining("no envelope") });
      });

      it.concurrent("helps where the slot is filled already, and does not run", async () => {
        const task = await bed.start();
        await bed.send(task, { generation: 1 }).then(() => bed.until(task, "1 committed"));
        const cancelled = await bed.start();
        // Whoever cancels dies before the audit; the message of the hop before is still there.
        const { head } = await bed.relay.task(cancelled).head();
        await bed.silent.task(cancelled).cancel({ by: "ann" });
        const hop0 = { hop: 0, context_s3_key: bed.slotKey(cancelled, 0), handoff_sha256: head };
        await bed.send(cancelled, hop0);
        expect(await bed.until(cancelled, "1 committed")).toMatchObject({ detail: { decision: "cancel", by: "ann" } });
        expect(await bed.row(cancelled)).toMatchObject({ status: "canceled", headHop: 1, agent: null });
        expect(await bed.kinds(cancelled)).not.toContain("0 attempt_started");
      });

      it.concurrent.each<[string, (bytes: Uint8Array) => Promise<Uint8Array> | Uint8Array]>([
        ["truncated", (bytes) => bytes.slice(0, -3)],
        ["altered", (bytes) => bytes.map((byte, at) => (at === bytes.length - 20 ? byte ^ 1 : byte))],
        ["swapped", async () => await bed.slot(await bed.start("another"), 0)],
        ["empty", () => new Uint8Array()],
      ])("does not run on an object that is %s, and goes on once it is whole again", async (_how, spoil) => {
        const task = await bed.start();
        await bed.send(task);
        await bed.until(task, "1 committed");
        const spoiled = await bed.start();
        const bytes = await bed.slot(spoiled, 0);
        const { head } = await bed.relay.task(spoiled).head();
        await bed.backend.store.overwrite(bed.slotKey(spoiled, 0), await spoil(bytes));
        const address = { relayId: RELAY_ID, agent: "release" };
        const body = { v: 1, relay_id: RELAY_ID, task_id: spoiled, hop: 0, from_agent: null, to_agent: "release" };
        const more = { context_s3_key: bed.slotKey(spoiled, 0), handoff_sha256: head, generation: 0 };
        await bed.backend.transport.send(address, {
          body: JSON.stringify({ ...body, ...more, sent_at: "2026-01-02T03:04:05.678Z" }),
          groupId: spoiled,
          deduplicationId: spoiled,
        });
        // Twice: it was given back.
        await bed.until(spoiled, "0 damaged", 2);
        expect(await bed.row(spoiled)).toMatchObject({ status: "running", headHop: 0, damaged: true });
        expect(await bed.kinds(spoiled)).not.toContain("0 attempt_started");
        expect(await bed.backend.store.get(bed.slotKey(spoiled, 1))).toBeUndefined();
        await bed.backend.store.overwrite(bed.slotKey(spoiled, 0), bytes);
        await bed.until(spoiled, "1 committed");
        expect(await bed.row(spoiled)).toMatchObject({ headHop: 1, damaged: false });
      });

      it.concurrent("leaves to others what it does not understand yet: a newer version, a class", async () => {
        const [newer, unknown] = [await bed.start(), await bed.start()];
        const knowing = createRelay({
          ...{ id: RELAY_ID, backend: bed.backend, classes: [pointCodec] },
          agents: [declareAgent({ name: "release" })],
        });
        const task = await knowing.start({ to: "release", taskId: `${unknown}-point`, input: { at: new Point() } });
        await bed.send(newer, { v: 2 });
        await bed.until(task.id, "0 not_understood", 2);
        expect((await bed.until(task.id, "0 not_understood")).detail.reason).toContain("example.Point");
        expect((await bed.until("-", "0 not_understood", 2)).detail.reason).toContain("version 2");
        expect(await bed.kinds(task.id)).not.toContain("0 attempt_started");
      });
    });

    it("that is killed between its commit and its send is helped: sent once, nothing doubled", async () => {
      const task = await bed.start();
      await bed.send(task);
      const settings = { visibility: 2 };
      await using killed = await run("handing_on", { settings, environment: { TEST_KILLED_BEFORE_SEND: "1" } });
      expect((await killed.finished).signal).toBe("SIGKILL");
      const before = await bed.slot(task, 1);
      expect(await bed.kinds(task)).toEqual(["0 attempt_started", "0 committed", "1 committed"]);

      await using _next = await run("handing_on", { settings });
      const [body, ...others] = await eventually(async () => {
        const bodies = await bed.messagesOf("deploy", task);
        return bodies.length > 0 ? bodies : undefined;
      });
      const { head } = await bed.relay.task(task).head();
      expect(JSON.parse(body ?? "")).toMatchObject({ hop: 1, from_agent: "release", handoff_sha256: head });
      expect(others).toEqual([]);
      expect(await bed.slot(task, 1)).toEqual(before);
      expect(await bed.kinds(task)).toEqual(["0 attempt_started", "0 committed", "1 committed"]);
      expect((await bed.relay.task(task).verify()).problems).toEqual([]);
    });

    it("that is told to stop gives its run back, uncounted, and at once", async () => {
      const task = await bed.start();
      await bed.send(task);
      await using stopped = await run("stopped", { settings: { grace: 0.3 } });
      await started(stopped);
      expect((await stopped.stop()).exitCode).toBe(0);
      expect(await bed.kinds(task)).toEqual(["0 attempt_released", "0 attempt_started", "0 committed"]);
      await using _next = await run("handing_on");
      await bed.until(task, "1 committed");
      const context = await bed.relay.task(task).context();
      expect(context.latest("release")).toEqual({ attempt: 1, input: "a file", keys: await keysHere(task) });
      expect(context.handoffs[1]?.usage).toEqual({ inputTokens: 3, modelCalls: 1 });
      expect((await bed.relay.task(task).verify()).problems).toEqual([]);
    });

    it("whose run ignores that it should stop ends all the same, and is not counted", async () => {
      const task = await bed.start();
      await bed.send(task);
      await using stubborn = await run("stubborn", { settings: { grace: 0.3 } });
      await started(stubborn);
      expect((await stubborn.stop()).exitCode).toBe(1);
      expect(await bed.kinds(task)).toEqual(["0 attempt_released", "0 attempt_started", "0 committed"]);
      expect(await bed.messagesOf("release", task)).toHaveLength(1);
    });

    it("keeps its message hidden for as long as it runs", async () => {
      const task = await bed.start();
      await bed.send(task);
      await using slow = await run("slow", { settings: { visibility: 3 } });
      await started(slow);
      const address = { relayId: RELAY_ID, agent: "release" };
      expect(await bed.backend.transport.receive(address, { max: 10, waitMs: 4_500, visibilityMs: 1_000 })).toEqual([]);
      await writeFile(join(slow.folder, "go"), "");
      await bed.until(task, "1 committed");
      expect(await bed.kinds(task)).toEqual(["0 attempt_started", "0 committed", "1 committed"]);
    });

    it("stops a run whose task was cancelled meanwhile, and says that it came second", async () => {
      const task = await bed.start();
      await bed.send(task);
      await using agent = await run("stopped", { settings: { visibility: 3 } });
      await started(agent);
      await bed.relay.task(task).cancel({ by: "ann" });
      await bed.until(task, "0 superseded");
      const { head } = await bed.relay.task(task).head();
      expect((await bed.until(task, "0 superseded")).detail.by).toBe(head);
      expect(await bed.relay.task(task).result()).toMatchObject({ status: "canceled" });
    });

    it("that raises is tried again up to maxAttempts, and fails the task with its error, without secrets", async () => {
      const task = await bed.start();
      await bed.send(task);
      await using _agent = await run("raising");
      const result = await bed.relay.task(task).result();
      expect(result).toMatchObject({
        status: "failed",
        reason: "release was run 3 times without success (maxAttempts)",
        error: { name: "ValueError", message: "no luck with password https://ann:[redacted]@example.com" },
      });
      await bed.until(task, "1 committed");
      expect((await bed.kinds(task)).filter((kind) => kind === "0 attempt_failed")).toHaveLength(3);
    });

    it("asks a person, and goes on from the answer", async () => {
      const task = await bed.start();
      await bed.send(task);
      await using _agent = await run("asking");
      const asked = await bed.relay.task(task).result();
      if (asked.status !== "waiting") throw new Error(asked.status);
      expect(asked.question).toEqual({ ask: "go on?", since: expect.any(Date) });
      const answer = { approved: true, at: new Date(0), count: 12n };
      await bed.relay.task(task).resume({ head: asked.head, answer, by: "ann" });
      expect(await bed.relay.task(task).result()).toMatchObject({ status: "completed" });
      expect((await bed.relay.task(task).context()).latest("release")).toEqual(answer);
    });

    it.each([
      ["hands to an agent that it does not name", "astray", 'release handed to "nobody"', 1],
      [
        "returns what cannot be kept without loss",
        "lossy",
        "value.pair is a tuple, which would come back as a list",
        0,
      ],
      ["fails", "giving_up", "the file is empty", 0],
    ])("that %s fails the task with that reason, after one run", async (_what, agent, reason, blobs) => {
      const task = await bed.start();
      await bed.send(task);
      await using _agent = await run(agent);
      expect(await bed.relay.task(task).result()).toMatchObject({
        status: "failed",
        reason: expect.stringContaining(reason),
      });
      await bed.until(task, "1 committed");
      const { handoffs } = await bed.relay.task(task).context();
      expect(handoffs[1]?.blobs.map(({ of }) => of)).toEqual(Array(blobs).fill("unsent"));
      expect(await bed.relay.task(task).verify()).toMatchObject({ ok: true, blobs });
    });
  });
});
