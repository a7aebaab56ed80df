import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { aws, ensureResources } from "@agenthandoff/aws";
import { type Agent, createRelay, declareAgent, defineAgent, type Relay } from "@agenthandoff/core";
import { lambdaRouter, reconcileHandler } from "@agenthandoff/lambda-router";
import { type RecordedCall, recordCalls } from "@agenthandoff/test-servers";
import { eventSource } from "@agenthandoff/test-servers/lambda";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Statement, statementsOf } from "./policies.js";
import { type Applied, applied } from "./state.js";
import { type Asked, asked, isAllowed } from "./testing/authorize.js";
import { describeWithEngine } from "./testing/describe-with-engine.js";

const relayId = `roles-${randomUUID().slice(0, 8)}`;
const EXAMPLE = "examples/roles";
const CONFIGURATION = `
module "relay" {
  source   = "../.."
  relay_id = "${relayId}"
  agents = {
    research = { hands_to = ["write"], function = { filename = "a.zip" } }
    write    = { service = { image = "image", reconciles = false } }
    ingest   = { hands_to = ["research"], producer = true }
  }
  reconciler        = { filename = "a.zip" }
  full_reconciler   = { filename = "a.zip" }
  network           = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  eraser_principals = ["arn:aws:iam::123456789012:role/privacy"]
}
output "resources" {
  value = module.relay.resources
}
`;

const SERVICES = ["s3", "sqs", "dynamodb"] as const;
/** Large enough to be sent in parts. */
const LARGE = 20 * 1024 * 1024;

describeWithServers(SERVICES, "a relay on servers of this machine", (servers) => {
  describeWithEngine("with the module's roles", (place) => {
    let made: Applied;
    let resources: Parameters<typeof aws>[0];
    const opened: { destroy(): void }[] = [];
    beforeAll(async () => {
      await mkdir(join(place().folder, EXAMPLE));
      await writeFile(join(place().folder, EXAMPLE, "main.tf"), CONFIGURATION);
      made = await applied(place(), EXAMPLE);
      const { bucket, table } = made.outputs.resources as { bucket: string; table: string };
      resources = await ensureResources({
        relayId,
        agents: ["research", "write", "ingest"],
        bucket,
        table,
        clients: clients(),
      });
    });
    afterAll(() => {
      for (const client of opened) client.destroy();
    });

    function clients() {
      const made = {
        s3: new S3Client({ ...servers.s3, forcePathStyle: true }),
        sqs: new SQSClient(servers.sqs),
        dynamodb: new DynamoDBClient(servers.dynamodb),
      };
      opened.push(made.s3, made.sqs, made.dynamodb);
      return made;
    }

    /** Somebody with a role: what they asked for, and the relay as they have it. */
    function somebody(agents: readonly Agent[]) {
      const own = clients();
      const calls: Record<(typeof SERVICES)[number], readonly RecordedCall[]> = {
        s3: recordCalls(own.s3),
        sqs: recordCalls(own.sqs),
        dynamodb: recordCalls(own.dynamodb),
      };
      const relay = createRelay({
        id: relayId,
        agents,
        backend: aws({ ...resources, clients: own }),
        acceptUnversioned: { prefix: "handoffs/" },
      });
      return {
        own,
        relay,
        requests: (): readonly Asked[] =>
          SERVICES.flatMap((service) => calls[service].flatMap((call) => asked(service, call))),
      };
    }
    const declared = {
      research: declareAgent({ name: "research", handsTo: ["write"] }),
      write: declareAgent({ name: "write" }),
      ingest: declareAgent({ name: "ingest", handsTo: ["research"] }),
    };
    const everybody = Object.values(declared);
    const policy = (type: string, name: string, index?: string): readonly Statement[] =>
      statementsOf(made.one(type, name, index).policy);
    /** What a role was asked for and may not do, and that it did something at all. */
    const expectAllowed = (statements: readonly Statement[], requests: readonly Asked[]): void => {
      expect(requests.length).toBeGreaterThan(0);
      expect(requests.filter((request) => !isAllowed(statements, request))).toEqual([]);
      // What the bucket's policy asks of everybody: only who erases writes a slot without the condition.
      const erases = statements.some(({ Sid }) => Sid === "OldVersionsOfSlots");
      const overwrites = requests.filter(
        ({ action, resource, context }) =>
          action === "s3:PutObject" &&
          resource.includes("/slots/") &&
          context["s3:ObjectCreationOperation"] === "true" &&
          context["s3:if-none-match"] === undefined,
      );
      if (!erases) expect(overwrites).toEqual([]);
    };
    const context = { getRemainingTimeInMillis: () => 60_000 };
    const inProcess = (handler: ReturnType<typeof lambdaRouter>) => ({
      name: "router",
      async invoke(event: unknown) {
        return {
          status: "returned",
          response: await handler(event as never, context as never),
          initMs: undefined,
          log: "",
        } as const;
      },
    });

    it("can start, work as a function and as a container, fail, retry, cancel, reconcile, erase and be told by a producer", async () => {
      const caller = somebody(everybody);
      const research = defineAgent({
        name: "research",
        handsTo: ["write"],
        run: ({ handoff, context }) =>
          handoff("write", { output: context.input === "large" ? "x".repeat(LARGE) : context.input }),
      });
      let failing = true;
      const write = defineAgent({
        name: "write",
        run({ complete, context }) {
          if (context.input === "fails" && failing)
            throw Object.assign(new Error("not now"), { retryable: false, code: "NON_RETRYABLE" });
          return complete({ output: "written" });
        },
      });
      const asFunction = somebody([research, declared.write, declared.ingest]);
      const asService = somebody([declared.research, write, declared.ingest]);
      const producer = somebody(everybody);

      for (const input of ["small", "large", "fails"])
        await caller.relay.start({ to: "research", input, taskId: input });
      const canceled = await caller.relay.start({ to: "research", input: "canceled", taskId: "canceled" });
      await canceled.cancel({ reason: "no longer needed" });
      await producer.own.s3.send(
        new PutObjectCommand({ Bucket: String(resources.bucket), Key: "handoffs/ingest/1.json", Body: '{"rows":3}' }),
      );
      await producer.relay.backend.transport.send(
        { relayId, agent: "research" },
        {
          body: JSON.stringify({ from_agent: "ingest", context_s3_key: "handoffs/ingest/1.json", task_id: "ingested" }),
          groupId: "ingested",
          deduplicationId: "1",
        },
      );
      await producer.relay.backend.transport.send(
        { relayId, agent: "research" },
        { body: "nobody can use this", groupId: "bad", deduplicationId: "2" },
      );

      const source = eventSource({
        client: asFunction.own.sqs,
        queueUrl: queueUrl("research"),
        target: inProcess(lambdaRouter(asFunction.relay)),
        batchSize: 1,
      });
      while ((await source.poll({ waitSeconds: 2 })) !== undefined);

      const stop = new AbortController();
      const worker = asService.relay.worker({ agents: ["write"], signal: stop.signal, reconcileEveryMs: false });
      const status = async (taskId: string) => (await caller.relay.task(taskId).result()).status;
      expect(await Promise.all(["small", "large", "fails", "ingested"].map(status))).toEqual([
        "completed",
        "completed",
        "failed",
        "completed",
      ]);
      failing = false;
      const failed = caller.relay.task("fails");
      const { head } = await failed.head();
      await failed.retry({ head });
      expect(await status("fails")).toBe("completed");
      stop.abort();
      await worker;
      expect((await caller.relay.task("large").verify()).problems).toEqual([]);
      for await (const row of caller.relay.tasks()) expect(row.status).not.toBe("running");

      const eraser = somebody(everybody);
      await eraser.relay.task("large").erase();
      const reconciler = somebody(everybody);
      await caller.relay.start({ to: "write", input: "open", taskId: "open" });
      await reconcileHandler(reconciler.relay, { olderThanMs: 0 })({}, context as never);
      const full = somebody(everybody);
      await reconcileHandler(full.relay, { full: true, olderThanMs: 0 })({}, context as never);

      expectAllowed(policy("aws_iam_policy", "caller"), caller.requests());
      expectAllowed(policy("aws_iam_role_policy", "function", "research"), asFunction.requests());
      expectAllowed(policy("aws_iam_role_policy", "service", "write"), asService.requests());
      expectAllowed(policy("aws_iam_policy", "producer", "ingest"), producer.requests());
      expectAllowed(policy("aws_iam_role_policy", "eraser"), eraser.requests());
      expectAllowed(policy("aws_iam_role_policy", "function", "reconciler"), reconciler.requests());
      expectAllowed(policy("aws_iam_role_policy", "function", "full-reconciler"), full.requests());

      const operator = somebody(everybody);
      const letters = [];
      const transport = operator.relay.backend.transport;
      for await (const letter of transport.deadLetters({ relayId, agent: "research" })) letters.push(letter.id);
      expect(letters).toHaveLength(1);
      expect(await transport.redrive({ relayId, agent: "research" })).toBe(1);
      expectAllowed(policy("aws_iam_policy", "operator"), operator.requests());
      for (const { relay } of [caller, asFunction, asService, producer, eraser, reconciler, full, operator])
        await (relay as Relay).close();

      // The judge itself: who has no right to it is told apart.
      expect(operator.requests().every((request) => isAllowed(policy("aws_iam_policy", "caller"), request))).toBe(
        false,
      );
      expect(eraser.requests().every((request) => isAllowed(policy("aws_iam_policy", "caller"), request))).toBe(false);
      expect(
        asService
          .requests()
          .every((request) => isAllowed(policy("aws_iam_role_policy", "function", "research"), request)),
      ).toBe(false);
    });

    const queueUrl = (agent: string): string => {
      const { queues } = resources;
      return typeof queues === "function" ? "" : (queues[agent]?.url ?? "");
    };
  });
});
