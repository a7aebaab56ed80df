import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  bundleFunction,
  type LambdaEndpoint,
  type LambdaFunction,
  lambdaEndpoint,
  lambdaFunction,
  type Polled,
} from "@agenthandoff/test-servers/lambda";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Place, placeOn, type TestServers } from "./testing/place.js";

const WAIT_SECONDS = 20;

describeWithServers(["s3", "sqs", "dynamodb"], "a function that invokes others", (servers) => {
  let folder: string;
  let place: Place;
  let lambda: LambdaEndpoint;
  let router: LambdaFunction;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "functions-"));
    const bundle = async (name: string): Promise<string> =>
      (await bundleFunction({ entry: join(import.meta.dirname, `testing/functions/${name}.ts`), folder })).file;
    const [caller, agent, plain] = await Promise.all([bundle("caller"), bundle("agent"), bundle("plain")]);
    place = await placeOn(servers as TestServers, ["plain", "far"]);
    const { environment } = place;
    lambda = await lambdaEndpoint([
      lambdaFunction({ bundle: agent, timeoutMs: 30_000, environment }),
      lambdaFunction({ bundle: plain, timeoutMs: 30_000 }),
    ]);
    router = lambdaFunction({
      bundle: caller,
      timeoutMs: 60_000,
      environment: { ...environment, AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint },
    });
  });
  afterAll(async () => {
    place.dispose();
    await lambda.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function deliver(agent: string): Promise<Polled> {
    const polled = await place.source(agent, router).poll({ waitSeconds: WAIT_SECONDS });
    if (polled === undefined) throw new Error("nothing came");
    return polled;
  }

  it("commits what they decided and learned, one in any language too, and nobody else does", async () => {
    const task = await place.caller.start({ to: "plain", taskId: "small", input: { characters: 3 } });
    for (const agent of ["plain", "far"]) expect(await deliver(agent)).toMatchObject({ kept: [] });
    expect(await task.result()).toMatchObject({
      status: "completed",
      output: { text: "ééé", at: new Date(1), process: expect.any(Number) },
    });
    const decisions = (await task.context()).handoffs.map(({ fromAgent, decision }) => [fromAgent, decision]);
    expect(decisions.slice(1)).toEqual([
      ["plain", { kind: "handoff", to: "far", reason: "looked at small.0" }],
      ["far", { kind: "complete" }],
    ]);
    expect(lambda.invoked).toEqual(["plain", "agent"]);
  });

  it("takes a result of more than 6 MB by way of the store", async () => {
    const characters = 3_500_000;
    const task = await place.caller.start({ to: "far", taskId: "large", input: { characters } });
    expect(await deliver("far")).toMatchObject({ kept: [] });
    const result = await task.result();
    expect(result).toMatchObject({ status: "completed" });
    const { text } = (result as { output: { text: string } }).output;
    expect(Buffer.byteLength(text)).toBe(2 * characters);
    expect(text === "é".repeat(characters)).toBe(true);
  });

  it("that is throttled gives the message back, which costs no attempt", async () => {
    const task = await place.caller.start({ to: "far", taskId: "throttled", input: { characters: 1 } });
    lambda.throttle(1);
    expect((await deliver("far")).kept).toHaveLength(1);
    expect(await deliver("far")).toMatchObject({ kept: [] });
    expect(await task.result()).toMatchObject({ status: "completed" });
    const kinds: string[] = [];
    for await (const { kind } of place.caller.backend.audit.events(place.relayId, "throttled", { hop: 0 }))
      kinds.push(kind);
    expect(kinds.sort()).toEqual(["attempt_released", "attempt_started", "attempt_started", "committed"]);
  });
});
