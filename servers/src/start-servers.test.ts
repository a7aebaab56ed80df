import { describe, expect, it } from "vitest";
import { startServers } from "./start-servers.js";

const isAlive = (processId: number): boolean => {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
};

describe("startServers", () => {
  it("gives an endpoint of 127.0.0.1 for each service asked for, and ends every process at stop", async () => {
    const { servers, stop } = await startServers(["s3", "sqs", "dynamodb"], { choice: "everyday" });
    const running = Object.values(servers);
    expect(running.map((server) => server.name)).toEqual(["moto-s3", "elasticmq", "dynamodb-local"]);
    for (const server of running) {
      expect(server.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/u);
      expect(isAlive(server.processId)).toBe(true);
    }
    await stop();
    expect(running.filter((server) => isAlive(server.processId))).toEqual([]);
  });
});
