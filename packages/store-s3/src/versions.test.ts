import { randomBytes } from "node:crypto";
import { recordCalls } from "@agenthandoff/test-servers";
import { describeWithServers } from "@agenthandoff/test-servers/vitest";
import {
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { testBucket } from "./testing/bucket.js";
import { deviation } from "./testing/deviations.js";
import { outdated } from "./versions.js";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe("what is outdated", () => {
  const version = { isLatest: false, isDeleteMarker: false };

  it("is everything behind the current version", () => {
    const versions = [
      { ...version, versionId: "3", isLatest: true },
      { ...version, versionId: "2" },
      { ...version, versionId: "1" },
    ];
    expect(outdated(versions)).toEqual(["2", "1"]);
  });

  it("is everything where a delete marker is current, the marker last: what it hides must not come back", () => {
    const versions = [
      { ...version, versionId: "1" },
      { versionId: "4", isLatest: true, isDeleteMarker: true },
      { versionId: "2", isLatest: false, isDeleteMarker: true },
    ];
    expect(outdated(versions)).toEqual(["1", "2", "4"]);
  });
});

describeWithServers(["s3"], "in a versioned bucket", ({ s3 }) => {
  const key = "relay/slots/task/0000000001.ndjson.gz";

  async function versionsOf(client: S3Client, bucket: string, prefix: string) {
    const { Versions = [], DeleteMarkers = [] } = await client.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix }),
    );
    return { versions: Versions.map(({ Key }) => Key), markers: DeleteMarkers.map(({ Key }) => Key) };
  }

  it("overwrite leaves nothing of what was there before, and every version of other keys", async () => {
    await using place = await testBucket(s3, { versioning: "Enabled" });
    const { bucket, client } = place;
    const longer = `${key}.more`;
    for (const Key of [key, key, longer, longer]) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "what a person asked to be erased" }));
    }
    const calls = recordCalls(client);
    await place.open({ client }).overwrite(key, text("tombstone"));
    expect(calls.filter(({ operation }) => operation === "DeleteObject")).toHaveLength(2);
    expect(await versionsOf(client, bucket, key)).toEqual({ versions: [key, longer, longer], markers: [] });
    expect(await place.open().get(key)).toEqual(text("tombstone"));
  });

  it("delete leaves neither a version nor a marker", async () => {
    await using place = await testBucket(s3, { versioning: "Enabled" });
    const store = place.open();
    for (const body of ["one", "two", "three"]) {
      await place.client.send(new PutObjectCommand({ Bucket: place.bucket, Key: key, Body: body }));
    }
    await store.delete(key);
    await store.delete(key);
    expect(await versionsOf(place.client, place.bucket, "relay/")).toEqual({ versions: [], markers: [] });
    expect(await store.putIfAbsent(key, text("again"))).toBe("created");
  });

  const suspended = deviation("suspended-marker");
  it.skipIf(suspended !== undefined)(
    `delete finds what was kept before versioning was suspended${suspended === undefined ? "" : ` (${suspended})`}`,
    async () => {
      await using place = await testBucket(s3, { versioning: "Enabled" });
      const store = place.open();
      for (let count = 0; count < 3; count++) {
        await place.client.send(new PutObjectCommand({ Bucket: place.bucket, Key: key, Body: randomBytes(10) }));
      }
      await place.client.send(
        new PutBucketVersioningCommand({
          Bucket: place.bucket,
          VersioningConfiguration: { Status: "Suspended" },
        }),
      );
      await store.overwrite(key, text("tombstone"));
      expect(await versionsOf(place.client, place.bucket, key)).toEqual({ versions: [key], markers: [] });
      await store.delete(key);
      expect(await versionsOf(place.client, place.bucket, key)).toEqual({ versions: [], markers: [] });
    },
  );
});
