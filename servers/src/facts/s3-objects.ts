import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { region, UNKNOWN } from "../credentials.js";
import { type Fact, outcomeOf, uniqueName } from "./fact.js";
import { keysOf, newBucket, put } from "./s3-support.js";

const bodies: readonly Fact<S3Client>[] = [
  {
    id: "s3-checksum-checked",
    promise: "a body that does not match its checksum is refused",
    aws: "400 BadDigest",
    observe: async (s3) => outcomeOf(put(s3, await newBucket(s3), "k", { ChecksumCRC32: "AAAAAA==" })),
  },
  {
    id: "s3-checksum-sha256-checked",
    promise: "a body that does not match its SHA-256 is refused",
    aws: "400 BadDigest",
    observe: async (s3) =>
      outcomeOf(put(s3, await newBucket(s3), "k", { ChecksumSHA256: Buffer.alloc(32).toString("base64") })),
  },
  {
    id: "s3-md5-checked",
    promise: "a body that does not match its Content-MD5 is refused",
    aws: "400 BadDigest",
    observe: async (s3) =>
      outcomeOf(put(s3, await newBucket(s3), "k", { ContentMD5: Buffer.alloc(16).toString("base64") })),
  },
  {
    id: "s3-checksum-returned",
    promise: "a get that asks for the checksum is given the one that was sent",
    aws: "26gLsg==",
    observe: async (s3) => {
      const target = { Bucket: await newBucket(s3), Key: "k" };
      await put(s3, target.Bucket, target.Key, { ChecksumAlgorithm: "CRC32" });
      const object = await s3.send(new GetObjectCommand({ ...target, ChecksumMode: "ENABLED" }));
      await object.Body?.transformToByteArray();
      return object.ChecksumCRC32 ?? "none";
    },
  },
  {
    id: "s3-headers-kept",
    promise: "type and metadata come back as they were sent, and no encoding is added",
    aws: "application/gzip, none, v_1",
    observe: async (s3) => {
      const target = { Bucket: await newBucket(s3), Key: "k" };
      await put(s3, target.Bucket, target.Key, {
        ContentType: "application/gzip",
        Metadata: { "some-name": "v_1" },
      });
      const head = await s3.send(new HeadObjectCommand(target));
      return `${head.ContentType}, ${head.ContentEncoding ?? "none"}, ${head.Metadata?.["some-name"]}`;
    },
  },
  {
    id: "s3-kms",
    promise: "an object is encrypted with the key of KMS that the put names",
    aws: "aws:kms",
    observe: async (s3) => {
      const target = { Bucket: await newBucket(s3), Key: "k" };
      const SSEKMSKeyId = "11111111-2222-3333-4444-555555555555";
      const written = await outcomeOf(
        put(s3, target.Bucket, target.Key, { ServerSideEncryption: "aws:kms", SSEKMSKeyId }),
      );
      return written === "ok" ? String((await s3.send(new HeadObjectCommand(target))).ServerSideEncryption) : written;
    },
  },
  {
    id: "s3-range",
    promise: "a range is answered with these bytes, one past the end is refused",
    aws: "od, 416 InvalidRange",
    observe: async (s3) => {
      const target = { Bucket: await newBucket(s3), Key: "k" };
      await put(s3, target.Bucket, target.Key);
      const part = await s3.send(new GetObjectCommand({ ...target, Range: "bytes=1-2" }));
      const past = s3.send(new GetObjectCommand({ ...target, Range: "bytes=9-10" }));
      return `${await part.Body?.transformToString()}, ${await outcomeOf(past)}`;
    },
  },
  {
    id: "s3-part-too-small",
    promise: "a part below 5 MiB that is not the last is refused when the upload is completed",
    aws: "400 EntityTooSmall",
    observe: async (s3) => {
      const target = { Bucket: await newBucket(s3), Key: "k" };
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target));
      const Parts = [];
      for (const PartNumber of [1, 2]) {
        const { ETag } = await s3.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body: "part" }));
        Parts.push({ ETag, PartNumber });
      }
      return outcomeOf(
        s3.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } })),
      );
    },
  },
];

const names: readonly Fact<S3Client>[] = [
  {
    id: "s3-missing",
    promise: "what is missing is named: object, head of an object, bucket, head of a bucket",
    aws: "404 NoSuchKey, 404 NotFound, 404 NoSuchBucket, 404 NotFound",
    observe: async (s3) => {
      const Bucket = await newBucket(s3);
      const none = uniqueName("none");
      const outcomes = await Promise.all([
        outcomeOf(s3.send(new GetObjectCommand({ Bucket, Key: "none" }))),
        outcomeOf(s3.send(new HeadObjectCommand({ Bucket, Key: "none" }))),
        outcomeOf(s3.send(new GetObjectCommand({ Bucket: none, Key: "k" }))),
        outcomeOf(s3.send(new HeadBucketCommand({ Bucket: none }))),
      ]);
      return outcomes.join(", ");
    },
  },
  {
    id: "s3-delete-missing",
    promise: "deleting what is not there succeeds",
    aws: "ok",
    observe: async (s3) => outcomeOf(s3.send(new DeleteObjectCommand({ Bucket: await newBucket(s3), Key: "none" }))),
  },
  {
    id: "s3-list-order",
    promise: "keys are listed by their UTF-8 bytes, page by page, from after a given key",
    aws: "A.0 A/1 A/2 a/1 é, a/1 é",
    observe: async (s3) => {
      const bucket = await newBucket(s3);
      for (const key of ["é", "a/1", "A/2", "A.0", "A/1"]) await put(s3, bucket, key);
      return `${await keysOf(s3, bucket)}, ${await keysOf(s3, bucket, "A/2")}`;
    },
  },
  {
    id: "s3-key-beside-its-prefix",
    promise: "a key may be the beginning of another key, up to a slash",
    aws: "ok, ok, body",
    observe: async (s3) => {
      const bucket = await newBucket(s3);
      const first = await outcomeOf(put(s3, bucket, "a"));
      const second = await outcomeOf(put(s3, bucket, "a/b"));
      const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: "a" }));
      return `${first}, ${second}, ${await object.Body?.transformToString()}`;
    },
  },
  {
    id: "s3-key-length",
    promise: "a key of 1,024 bytes is taken, a longer one refused",
    aws: "ok, 400 KeyTooLongError",
    observe: async (s3) => {
      const bucket = await newBucket(s3);
      const longest = await outcomeOf(put(s3, bucket, `${"k".repeat(200)}/`.repeat(6).slice(0, 1_024)));
      return `${longest}, ${await outcomeOf(put(s3, bucket, `${"k".repeat(200)}/`.repeat(6).slice(0, 1_025)))}`;
    },
  },
  {
    id: "s3-versions",
    promise: "every version is listed and can be deleted",
    aws: "2, then 0",
    observe: async (s3) => {
      const Bucket = await newBucket(s3);
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
      await put(s3, Bucket, "k");
      await put(s3, Bucket, "k");
      const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: "k" }));
      for (const { VersionId } of Versions) await s3.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId }));
      const left = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: "k" }));
      return `${Versions.length}, then ${left.Versions?.length ?? 0}`;
    },
  },
  {
    id: "s3-credentials",
    promise: "a key that nobody has is refused",
    aws: "403 InvalidAccessKeyId",
    observe: async (s3) => {
      const endpoint = await s3.config.endpoint?.();
      const stranger = new S3Client({
        ...(endpoint && { endpoint }),
        region,
        credentials: UNKNOWN,
        forcePathStyle: true,
      });
      return outcomeOf(stranger.send(new HeadBucketCommand({ Bucket: await newBucket(s3) })));
    },
  },
];

/** Bodies, names, lists and versions. */
export const S3_OBJECT_FACTS: readonly Fact<S3Client>[] = [...bodies, ...names];
