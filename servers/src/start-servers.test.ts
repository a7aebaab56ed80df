import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startServer, startServers } from "./start-servers.js";
import { describeWith } from "./testing/describe-with.js";

const isAlive = (processId: number): boolean => {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
};

afterEach(() => {
  vi.unstubAllEnvs();
});

await describeWith(["moto-s3", "elasticmq", "dynamodb-local"], "startServers", () => {
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

describe("what cannot be had", () => {
  it("says of each server that cannot be had what is missing and how to get it, and leaves none running", async () => {
    vi.stubEnv("PATH", import.meta.dirname);
    await expect(startServers(["s3", "dynamodb"], { choice: "everyday" })).rejects.toThrow(
      [
        "moto's S3, one request at a time needs Python 3.10 or later with venv: apt-get install python3 python3-venv",
        "DynamoDB Local needs Java 17 or later, Maven, javac 17 or later: apt-get install default-jdk-headless maven",
      ].join("\n"),
    );
  });

  it("says what is missing to fetch a server that is not in the cache", async () => {
    const cache = await mkdtemp(join(tmpdir(), "servers-cache-"));
    vi.stubEnv("PATH", import.meta.dirname);
    expect(await startServer("seaweedfs", { cache })).toEqual({
      name: "seaweedfs",
      service: "s3",
      missing: "SeaweedFS could not be fetched: SeaweedFS needs Go 1.25 or later: apt-get install golang-go",
    });
    await rm(cache, { recursive: true });
  });

  it("refuses a choice that there is not", async () => {
    vi.stubEnv("AWS_TEST_SERVERS", "third");
    await expect(startServer("s3")).rejects.toThrow('AWS_TEST_SERVERS is "third": set it to "everyday" or "second"');
  });
});
