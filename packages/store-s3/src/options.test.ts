import { InvalidOptionsError } from "@agenthandoff/core";
import { S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import type { S3StoreOptions } from "./options.js";
import { s3Store } from "./s3-store.js";

describe("options that cannot work are refused, by name, before anything is sent", () => {
  it.each([
    ["no bucket", { bucket: undefined }, "bucket must be a bucket's name"],
    ["an empty bucket", { bucket: "" }, "bucket must be a bucket's name, not an empty text"],
    ["a directory bucket", { bucket: "fast--use1-az4--x-s3" }, "bucket must not be a directory bucket"],
    ["a client that is none", { client: {} }, "client must be an S3Client"],
    ["a region beside a client", { client: new S3Client(), region: "eu-central-1" }, "region must be left out"],
    ["no time", { timeoutMs: 0 }, "timeoutMs must be at least 1"],
    ["a time beside a client", { client: new S3Client(), timeoutMs: 5 }, "timeoutMs must be left out"],
    [
      "an owner that is no account",
      { expectedBucketOwner: "me" },
      "expectedBucketOwner must be an account's id, of 12",
    ],
    ["an unknown encryption", { encryption: "AES" }, 'encryption must be "s3" or { kmsKeyId, bucketKey? }'],
    ["a KMS key without an id", { encryption: { bucketKey: true } }, "encryption"],
    ["no bytes", { maxObjectBytes: 0 }, "maxObjectBytes must be at least 1"],
    ["a probe without a key", { probeKey: "" }, "probeKey"],
    ["a prefix", { prefix: "mine/" }, "prefix belongs to the backend"],
    ["a clock that is none", { clock: {} }, "clock must have the methods now and sleep"],
    ["a random that is none", { random: {} }, "random must have the methods number and id"],
    ["an option misspelt", { Bucket: "b" }, "Bucket"],
  ])("%s", (_, options, expected) => {
    const opening = () => s3Store({ bucket: "bucket", ...options } as S3StoreOptions);
    expect(opening).toThrow(InvalidOptionsError);
    expect(opening).toThrow(expected);
  });

  it.each([
    ["an access point's ARN", { bucket: "arn:aws:s3:eu-central-1:123456789012:accesspoint/relays" }],
    ["keys that S3 manages", { encryption: "s3" }],
    ["a KMS key", { encryption: { kmsKeyId: "alias/relays" } }],
    ["an owner", { expectedBucketOwner: "123456789012" }],
    ["no probe", { probeKey: false }],
  ] as const)("%s is accepted", async (_, options) => {
    await s3Store({ bucket: "bucket", region: "eu-central-1", ...options }).close();
  });
});
