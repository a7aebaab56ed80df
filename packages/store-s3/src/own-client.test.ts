import { afterEach, describe, expect, it, vi } from "vitest";
import { s3Store } from "./s3-store.js";
import { type Answer, faultServer, silent, stalling } from "./testing/fault-server.js";

afterEach(() => vi.unstubAllEnvs());

/** A store that was given no client finds its server as the SDK does. */
async function storeOn(answer: Answer, timeoutMs: number) {
  const server = await faultServer(answer);
  vi.stubEnv("AWS_ENDPOINT_URL_S3", server.endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  const store = s3Store({ bucket: "faults", region: "us-east-1", timeoutMs, probeKey: false });
  return { server, store };
}

describe("a server that falls silent holds a get no longer than timeoutMs,", () => {
  it.each([
    ["before its response, at each of the SDK's tries", silent, 5],
    ["in the middle of its response", stalling("a seg", 9), 1],
  ] as const)("%s", async (_, answer, requests) => {
    const { server, store } = await storeOn(answer, 50);
    await using _server = server;
    await expect(store.get("key")).rejects.toMatchObject({
      code: "STORE",
      retryable: true,
      cause: { name: "TimeoutError" },
    });
    expect(server.requests).toHaveLength(requests);
    await store.close();
  });
});
