import { randomUUID } from "node:crypto";
import { type Backend, createRelay, defineAgent } from "@agenthandoff/core";
import { memory } from "@agenthandoff/core/memory";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { SQS } from "@aws-sdk/client-sqs";
import { expect, it, vi } from "vitest";
import { sqsTransport } from "./index.js";

const research = defineAgent({
  name: "research",
  handsTo: ["write"],
  run: async ({ handoff }) => handoff("write", { reason: "enough is known", output: "carry it forward" }),
});
const write = defineAgent({ name: "write", run: async ({ context }) => `written: ${context.latest("research")}` });

describeWithServers(["sqs"], "a relay whose messages go through SQS", ({ sqs }) => {
  it("completes, and what nobody can use is found among the dead letters and redriven", async () => {
    const client = new SQS(sqs);
    const relayName = `two-agents-${randomUUID().slice(0, 8)}`;
    const FifoQueue = "true";
    let queuesUrl = "";
    for (const agent of ["research", "write"]) {
      const name = `${relayName}-${agent}`;
      const dead = await client.createQueue({ QueueName: `${name}-dead.fifo`, Attributes: { FifoQueue } });
      const { Attributes } = await client.getQueueAttributes({ QueueUrl: dead.QueueUrl, AttributeNames: ["QueueArn"] });
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 100 });
      const live = await client.createQueue({ QueueName: `${name}.fifo`, Attributes: { FifoQueue, RedrivePolicy } });
      queuesUrl = live.QueueUrl?.replace(/\/[^/]+$/, "") ?? "";
    }
    // #region use
    // queuesUrl is https://sqs.<region>.amazonaws.com/<account>
    const queueOf = (agent: string) => ({
      url: `${queuesUrl}/${relayName}-${agent}.fifo`,
      deadLetterUrl: `${queuesUrl}/${relayName}-${agent}-dead.fifo`,
    });
    const queues = { research: queueOf("research"), write: queueOf("write") };
    const transport = sqsTransport({ queues, client }); // without a client of yours it makes its own
    for (const advice of await transport.check(relayName, ["research", "write"])) console.warn(advice);

    const backend: Backend = { ...memory(), transport, visibilityMs: 120_000 };
    const relay = createRelay({ id: relayName, agents: [research, write], backend });
    const result = await relay.run({ to: "research", input: "a topic" });
    // #endregion use
    expect(result).toMatchObject({ status: "completed", output: "written: carry it forward" });

    const stray = { body: "not an envelope", groupId: "stray", deduplicationId: randomUUID() };
    await transport.send({ relayId: relayName, agent: "write" }, stray);
    const [delivery] = await transport.receive(
      { relayId: relayName, agent: "write" },
      { max: 1, waitMs: 20_000, visibilityMs: 60_000 },
    );
    if (delivery === undefined) throw new Error("no delivery came");
    expect(await relay.handle(delivery, { agent: "write" })).toMatchObject({ status: "rejected" });

    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    // #region dead-letters
    const address = { relayId: relayName, agent: "write" };
    const ids: string[] = [];
    for await (const letter of transport.deadLetters(address)) {
      console.log(letter.groupId, letter.reason);
      ids.push(letter.id);
    }
    const moved = await transport.redrive(address, { ids }); // without ids: all of them
    // #endregion dead-letters
    expect(log.mock.calls).toEqual([["stray", "the message is not JSON"]]);
    log.mockRestore();
    expect(moved).toBe(1);
    await relay.close();
    client.destroy();
  });
});
