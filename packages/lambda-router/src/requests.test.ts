import { readFileSync } from "node:fs";
import { createRelay, defineAgent, NonRetryableError } from "@agenthandoff/core";
import { type RecordedCall, recordCalls } from "@agenthandoff/test-servers";
import { lambdaEndpoint } from "@agenthandoff/test-servers/lambda";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, it } from "vitest";
import { invokedAgent, lambdaRouter, reconcileHandler } from "./index.js";
import { inProcess } from "./testing/in-process.js";
import { type Place, placeOn, type TestServers } from "./testing/place.js";

const SERVICES = ["s3", "sqs", "dynamodb", "lambda"] as const;
type Tally = Readonly<Record<(typeof SERVICES)[number], Readonly<Record<string, number>>>>;

describeWithServers(["s3", "sqs", "dynamodb"], "the requests of a function", (servers) => {
  let place: Place;
  let calls: readonly (readonly RecordedCall[])[];
  let router: ReturnType<typeof inProcess>;
  let reconciler: ReturnType<typeof inProcess>;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    place = await placeOn(servers as TestServers, ["ping", "pong", "moody", "far"]);
    const lambda = await lambdaEndpoint([inProcess("far", async () => ({ decision: { kind: "complete" } }))]);
    stop = lambda.stop;
    const client = new LambdaClient({ ...servers.s3, endpoint: lambda.endpoint });
    const clients = place.clients();
    calls = [...[clients.s3, clients.sqs, clients.dynamodb].map(recordCalls), recordCalls(client)];
    const relay = createRelay({
      id: place.relayId,
      agents: [
        defineAgent({ name: "ping", handsTo: ["pong"], run: ({ handoff }) => handoff("pong", { output: 1 }) }),
        defineAgent({ name: "pong", run: ({ complete }) => complete({ output: 2 }) }),
        defineAgent({
          name: "moody",
          run({ attempt }) {
            if (attempt.number > 1) throw new NonRetryableError("no");
            throw Object.assign(new Error("not now"), { retryAfterMs: 0 });
          },
        }),
        invokedAgent({ name: "far", functionArn: "arn:aws:lambda:us-east-1:123456789012:function:far", client }),
      ],
      backend: place.backend({ clients }),
    });
    router = inProcess("router", lambdaRouter(relay));
    // A store that has just been made asks its bucket once whether it takes conditions.
    await place.caller.start({ to: "pong", taskId: "warm" });
    await deliver("pong");
    reconciler = inProcess("reconciler", reconcileHandler(relay, { olderThanMs: 0 }));
  });
  afterAll(async () => {
    place.dispose();
    await stop();
  });

  /** What some work asked of each service. */
  async function requestsOf(work: () => Promise<unknown>): Promise<Tally> {
    const before = calls.map(({ length }) => length);
    await work();
    const tally = (made: readonly RecordedCall[]) => {
      const counts: Record<string, number> = {};
      for (const { operation } of made) counts[operation] = (counts[operation] ?? 0) + 1;
      return counts;
    };
    const counted = calls.map((made, index) => tally(made.slice(before[index])));
    return Object.fromEntries(SERVICES.map((service, index) => [service, counted[index] ?? {}])) as unknown as Tally;
  }

  const deliver = async (agent: string): Promise<void> => {
    expect(await place.source(agent, router).poll({ waitSeconds: 20 })).toBeDefined();
  };

  it("for a handoff, once it is warm, are those of a worker, one more to hide the message and none to delete it", async () => {
    await place.caller.start({ to: "ping", taskId: "t" });
    const { s3, ...others } = await requestsOf(() => deliver("ping"));
    expect(others).toEqual({
      sqs: { ChangeMessageVisibility: 1, SendMessage: 1 },
      dynamodb: { TransactWriteItems: 1, PutItem: 1 },
      lambda: {},
    });
    const { GetObject = 0, ...writes } = s3;
    expect(GetObject).toBeLessThanOrEqual(2);
    expect(writes).toEqual({ PutObject: 1 });
    expect((await requestsOf(() => deliver("pong"))).sqs).toEqual({ ChangeMessageVisibility: 1 });
  });

  it("for an invoked agent are one more", async () => {
    await place.caller.start({ to: "far", taskId: "far" });
    expect((await requestsOf(() => deliver("far"))).lambda).toEqual({ Invoke: 1 });
  });

  it("for a message that is given back are one to hide it and one to give it back", async () => {
    await place.caller.start({ to: "moody", taskId: "moody" });
    expect((await requestsOf(() => deliver("moody"))).sqs).toEqual({ ChangeMessageVisibility: 2 });
    await deliver("moody");
    expect(await place.caller.task("moody").result()).toMatchObject({ status: "failed" });
  });

  it("are, with those of a rejection and of the reconciler, the ones that the README names, each with the IAM action that it needs", async () => {
    await place.send("ping", "nobody can use this");
    expect((await requestsOf(() => deliver("ping"))).sqs).toEqual({
      ChangeMessageVisibility: 2,
      SendMessage: 1,
      DeleteMessage: 1,
    });
    await place.caller.start({ to: "pong", taskId: "open" });
    expect(await reconciler.invoke({})).toMatchObject({ response: { tasks: 1 } });

    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const rows = [...readme.matchAll(/^\| `(\w+)` +\| `(s3|sqs|dynamodb|lambda):(\w+)`/gm)].map(
      ([, operation, service, action]) => ({ operation: `${service}:${operation}`, action: `${service}:${action}` }),
    );
    const made = calls.flatMap((each, index) => each.map(({ operation }) => `${SERVICES[index]}:${operation}`));
    expect(rows.map(({ operation }) => operation).sort()).toEqual([...new Set(made)].sort());
    const ACTIONS: Readonly<Record<string, string>> = {
      "s3:ListObjectsV2": "s3:ListBucket",
      "lambda:Invoke": "lambda:InvokeFunction",
      // A transaction needs the actions of its parts.
      "dynamodb:TransactWriteItems": "dynamodb:PutItem",
    };
    for (const { operation, action } of rows) expect(action).toBe(ACTIONS[operation] ?? operation);
  });
});
