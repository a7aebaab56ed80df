import { createRelay, defineAgent } from "@agenthandoff/core";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { expect, it, onTestFinished } from "vitest";
import { aws, ensureResources } from "./index.js";
import { type TestServers, testResources } from "./testing/resources.js";

// #region agents
const research = defineAgent({
  name: "research",
  handsTo: ["write"],
  run: async ({ handoff }) => handoff("write", { reason: "enough is known", output: "carry it forward" }),
});
const write = defineAgent({ name: "write", run: async ({ context }) => `written: ${context.latest("research")}` });
// #endregion agents

describeWithServers(["s3", "sqs", "dynamodb"], "a relay on AWS", (servers) => {
  it("starts in one process, works in others, and is read in a third", async () => {
    const place = await testResources(servers as TestServers, { agents: ["unused"] });
    onTestFinished(() => place.dispose());
    const clients = place.clients();
    const name = place.resources.bucket;
    // #region resources
    const resources = await ensureResources({
      relayId: "two-agents",
      agents: ["research", "write"],
      bucket: name,
      table: name,
      clients, // leave it out: the SDK's own chain finds region, credentials and endpoints
    });
    console.log(resources.queues.research?.url); // …/two-agents-research.fifo
    // #endregion resources

    // #region use
    const backend = aws({ ...resources, prefix: "relays/", clients });
    const relay = createRelay({ id: "two-agents", agents: [research, write], backend });
    const task = await relay.start({ to: "research", input: "a topic" });

    // In a process of their own, as many as you like; a Lambda function is the other way to work.
    const stop = new AbortController();
    const worker = relay.worker({ agents: ["research", "write"], signal: stop.signal });

    const result = await task.result(); // from anywhere
    // #endregion use
    expect(result).toMatchObject({ status: "completed", output: "written: carry it forward" });
    expect((await task.verify()).ok).toBe(true);
    expect((await task.audit()).filter(({ kind }) => kind === "committed")).toHaveLength(3);
    stop.abort();
    await worker;
    await relay.close();
  });
});
