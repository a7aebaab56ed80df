import { createRelay, defineAgent } from "@agenthandoff/core";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { aws, ensureResources, type ResourceOptions, resourcesFor } from "./index.js";
import { type TestServers, testResources } from "./testing/resources.js";

const queues = {
  research: {
    url: "https://sqs.eu-central-1.amazonaws.com/1/r-research.fifo",
    deadLetterUrl: "https://sqs.eu-central-1.amazonaws.com/1/r-research-dead.fifo",
  },
};
const options = { bucket: "contexts", table: "audit", queues, region: "eu-central-1" };

describe("aws()", () => {
  it("is a backend that sends nothing before it is used", async () => {
    const backend = aws({ ...options, prefix: "team/a/" });
    expect(backend).toMatchObject({ name: "aws", prefix: "team/a/", visibilityMs: 120_000 });
    await backend.close();
  });

  it.each([
    ["a prefix without a slash at its end", { prefix: "team" }, 'prefix must be empty or end with "/"'],
    ["a visibility that SQS does not know", { visibilityMs: 86_400_000 }, "visibilityMs must be at most 12 hours"],
    ["a visibility that no worker can extend in time", { visibilityMs: 1 }, "visibilityMs must be at least 3,000"],
    ["clients that are none", { clients: { s3: {} } }, "clients must be { s3?, sqs?, dynamodb? }"],
    ["clients of another service", { clients: { lambda: { send() {} } } }, "clients must be { s3?, sqs?, dynamodb? }"],
    ["no bucket", { bucket: "" }, "bucket must be a bucket's name"],
    ["no table", { table: "" }, "table must be a table's name"],
    ["no queues", { queues: {} }, "queues must name at least one agent's queue"],
    ["an option that it does not know", { tabel: "audit" }, "aws() knows no tabel; its options are bucket, table"],
  ])("refuses %s, and says what it must be", (_what, changes, message) => {
    expect(() => aws({ ...options, ...changes } as never)).toThrow(message);
  });

  it("lets no worker wait for a region that nobody has set", async () => {
    vi.stubEnv("AWS_REGION", undefined);
    vi.stubEnv("AWS_DEFAULT_REGION", undefined);
    for (const file of ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"]) vi.stubEnv(file, "/dev/null");
    onTestFinished(() => void vi.unstubAllEnvs());
    const { region: _left, ...anywhere } = options;
    const backend = aws(anywhere);
    const relay = createRelay({ id: "r", agents: [defineAgent({ name: "research", run: () => "" })], backend });
    const refusal = await relay.worker().catch((error: unknown) => error);
    expect(refusal).toMatchObject({ name: "BackendUnusableError", reason: "region" });
    expect(String((refusal as Error).message)).toContain("set AWS_REGION");
    await relay.close();
  });

  it("refuses a standard queue without asking AWS", () => {
    const standard = { url: "https://sqs.eu-central-1.amazonaws.com/1/r-research", deadLetterUrl: "https://b/c.fifo" };
    expect(() => aws({ ...options, queues: { research: standard } })).toThrow("is a standard queue");
  });
});

describe("resourcesFor()", () => {
  const request: ResourceOptions = { relayId: "r", agents: ["research"], bucket: "contexts", table: "audit" };

  it("names FIFO queues, each with a FIFO queue of dead letters, and keeps their messages for 14 days", () => {
    const { queues: made } = resourcesFor(request);
    expect(made).toHaveLength(1);
    expect(made[0]).toMatchObject({
      agent: "research",
      name: "r-research.fifo",
      deadLetterName: "r-research-dead.fifo",
    });
    expect(made[0]?.attributes).toMatchObject({ FifoQueue: "true", MessageRetentionPeriod: "1209600" });
    expect(made[0]?.deadLetterAttributes).toMatchObject({ FifoQueue: "true", MessageRetentionPeriod: "1209600" });
  });

  it("hides messages for six times the timeout of the function that they feed", () => {
    const timeouts = (functionTimeoutMs: number) =>
      resourcesFor({ ...request, functionTimeoutMs }).queues[0]?.attributes.VisibilityTimeout;
    expect([timeouts(1_000), timeouts(60_000), timeouts(900_000)]).toEqual(["120", "360", "5400"]);
  });

  it.each([
    ["a relay's id that is none", { relayId: "A" }, "relayId must match"],
    ["no agents", { agents: [] }, "agents must name at least one agent"],
    ["a name that SQS refuses", { agents: ["a".repeat(80)] }, "longer than a queue's name may be"],
    ["two agents that would share a queue", { agents: ["x", "x-dead"] }, "r-x-dead.fifo would be two queues"],
    ["a timeout that Lambda refuses", { functionTimeoutMs: 1_000_000 }, "functionTimeoutMs must be at most 15 minutes"],
  ])("refuses %s", (_what, changes, message) => {
    expect(() => resourcesFor({ ...request, ...changes })).toThrow(message);
  });
});

describeWithServers(["s3", "sqs", "dynamodb"], "on servers", (servers) => {
  const place = async (changes: Parameters<typeof testResources>[1] = { agents: ["research", "code"] }) => {
    const made = await testResources(servers as TestServers, changes);
    onTestFinished(() => made.dispose());
    return made;
  };

  describe("ensureResources()", () => {
    it("creates what aws() takes as it is, and what its check finds nothing wrong with", async () => {
      const { open } = await place();
      const advice: string[] = [];
      const backend = open({ onAdvice: (each) => advice.push(each) });
      await backend.check("any", ["research", "code"]);
      expect(advice).toEqual([]);
    });

    it("changes nothing where all is there", async () => {
      const { resources, clients } = await place();
      const { bucket, table } = resources;
      const request = { relayId: bucket, agents: ["research", "code"], bucket, table };
      expect(await ensureResources({ ...request, clients: clients() })).toEqual(resources);
    });
  });

  describe("check()", () => {
    it.each([
      ["a bucket that is missing", { bucket: "there-is-no-such-bucket" }, "missing"],
      ["a table that is missing", { table: "there-is-no-such-table" }, "missing"],
      [
        "a queue that is missing",
        {
          queues: {
            research: { url: "http://127.0.0.1/queue/no.fifo", deadLetterUrl: "http://127.0.0.1/queue/dead.fifo" },
          },
        },
        "missing",
      ],
    ])("finds %s", async (_what, changes, reason) => {
      const { open } = await place();
      const error = await open(changes)
        .check("any", ["research"])
        .catch((caught: unknown) => caught);
      const cause = (error as { cause?: unknown }).cause ?? error;
      expect([error, cause]).toContainEqual(expect.objectContaining({ reason }));
    });

    it("keeps a worker from starting where its agent has no queue, and says what to do", async () => {
      const { open } = await place({ agents: ["research"] });
      const relay = createRelay({
        id: "relay",
        agents: [defineAgent({ name: "research", run: () => 1 }), defineAgent({ name: "code", run: () => 1 })],
        backend: open(),
      });
      await expect(relay.worker({ agents: ["code"] })).rejects.toThrow('has no queue for its agent "code"');
    });

    it("tells what would work better otherwise", async () => {
      const { open } = await place({ agents: ["research"], maxReceiveCount: 5 });
      const advice: string[] = [];
      await open({ onAdvice: (each) => advice.push(each) }).check("any", ["research"]);
      expect(advice).toEqual([expect.stringContaining("set maxReceiveCount to 30 or more")]);
    });
  });
});
