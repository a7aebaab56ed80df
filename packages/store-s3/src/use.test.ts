import { gunzipSync } from "node:zlib";
import { type Backend, createRelay, defineAgent } from "@agenthandoff/core";
import { memory } from "@agenthandoff/core/memory";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import { GetObjectCommand, ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import { expect, it } from "vitest";
import { s3Store } from "./index.js";
import { testBucket } from "./testing/bucket.js";

const research = defineAgent({
  name: "research",
  handsTo: ["write"],
  run: async ({ handoff }) => handoff("write", { reason: "enough is known", output: "carry it forward" }),
});
const write = defineAgent({ name: "write", run: async ({ context }) => `written: ${context.latest("research")}` });

describeWithServers(["s3"], "a relay whose contexts lie on S3", ({ s3 }) => {
  it("completes, keeps what anybody can read, and erases it in every version", async () => {
    await using place = await testBucket(s3, { versioning: "Enabled" });
    const { bucket } = place;
    const endpoint = { ...s3, forcePathStyle: true };
    // #region use
    const client = new S3Client({
      ...endpoint, // nothing on AWS: region and credentials come by the SDK's own chain
      requestHandler: { requestTimeout: 30_000, throwOnRequestTimeout: true, socketTimeout: 30_000 },
    });
    const store = s3Store({ bucket, client });
    await store.check(); // rejects, and says what to mend, where the bucket cannot serve

    const backend: Backend = { ...memory(), store, prefix: "relays/" };
    const relay = createRelay({ id: "two-agents", agents: [research, write], backend });
    const result = await relay.run({ to: "research", input: "a topic", taskId: "task-1" });
    // #endregion use
    expect(result).toMatchObject({ status: "completed", output: "written: carry it forward" });

    const key = "relays/two-agents/slots/task-1/0000000002.ndjson.gz";
    const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    expect(object.ContentType).toBe("application/gzip");
    expect(object.ContentEncoding).toBeUndefined();
    const stored = gunzipSync((await object.Body?.transformToByteArray()) ?? new Uint8Array(0));
    expect(stored.toString()).toContain("written: carry it forward");

    expect((await relay.task("task-1").verify()).ok).toBe(true);
    await relay.task("task-1").erase({ by: "ann" });
    const { Versions = [], DeleteMarkers = [] } = await client.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: "relays/" }),
    );
    expect(DeleteMarkers).toEqual([]);
    expect(Versions.map(({ Key }) => Key)).toEqual(
      [0, 1, 2].map((hop) => `relays/two-agents/slots/task-1/000000000${hop}.ndjson.gz`),
    );
    for (const { Key } of Versions) {
      const bytes = await store.get(Key ?? "");
      expect(gunzipSync(bytes ?? "").toString()).not.toContain("carry it forward");
    }
    await relay.close();
    client.destroy();
  });
});
