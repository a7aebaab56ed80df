import { afterEach, describe, expect, it, vi } from "vitest";
import { ownClient } from "./own-client.js";
import { sqsTransport } from "./sqs-transport.js";
import { ADDRESS, accepting, type FaultServer, faultServer, MESSAGE, silent } from "./testing/fault-server.js";

afterEach(() => vi.unstubAllEnvs());

/** What the SDK's own chain finds. */
function setEnvironment({ endpoint }: FaultServer): void {
  vi.stubEnv("AWS_ENDPOINT_URL_SQS", endpoint);
  vi.stubEnv("AWS_REGION", "eu-central-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
}

const queuesOn = ({ endpoint }: FaultServer) => ({
  agent: { url: `${endpoint}/1/agent.fifo`, deadLetterUrl: `${endpoint}/1/agent-dead.fifo` },
});

describe("a transport that was given no client", () => {
  it("finds region, credentials and endpoint as the SDK does, and lets go of them when it is closed", async () => {
    await using server = await faultServer({ SendMessage: [accepting] });
    setEnvironment(server);
    const transport = sqsTransport({ queues: queuesOn(server) });
    await transport.send(ADDRESS, MESSAGE);
    expect(server.requests).toHaveLength(1);
    transport.close();
    await expect(transport.send(ADDRESS, MESSAGE)).rejects.toThrow("this handle was closed");
  });

  it("does not wait for ever for a service that is silent, at any of the SDK's tries", async () => {
    await using server = await faultServer({ SendMessage: [silent] });
    setEnvironment(server);
    const client = ownClient(undefined, 50);
    await expect(sqsTransport({ queues: queuesOn(server), client }).send(ADDRESS, MESSAGE)).rejects.toMatchObject({
      name: "TransportError",
      retryable: true,
      cause: { name: "TimeoutError" },
    });
    expect(server.requests).toHaveLength(5);
    client.destroy();
  });

  it("has more connections than the SDK's 50: each agent's worker holds one while it waits", async () => {
    await using server = await faultServer({ ReceiveMessage: [silent], SendMessage: [accepting] });
    setEnvironment(server);
    const transport = sqsTransport({ queues: queuesOn(server) });
    const waiting = Array.from({ length: 60 }, () =>
      transport.receive(ADDRESS, { max: 1, waitMs: 20_000, visibilityMs: 60_000 }),
    );
    await server.received(60);
    await transport.send(ADDRESS, MESSAGE);
    transport.close();
    for (const outcome of await Promise.allSettled(waiting)) expect(outcome.status).toBe("rejected");
  });
});
