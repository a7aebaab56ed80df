import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { type Fact, outcomeOf } from "./fact.js";
import { newBucket, put } from "./s3-support.js";

/** Conditional writes, in each place where S3 has them. */
export const S3_CONDITION_FACTS: readonly Fact<S3Client>[] = [
  {
    id: "s3-if-none-match",
    promise: "a put with If-None-Match: * is refused where the key exists",
    aws: "ok, 412 PreconditionFailed",
    observe: async (s3) => {
      const bucket = await newBucket(s3);
      const first = await outcomeOf(put(s3, bucket, "k", { IfNoneMatch: "*" }));
      return `${first}, ${await outcomeOf(put(s3, bucket, "k", { IfNoneMatch: "*" }))}`;
    },
  },
  {
    id: "s3-if-match",
    promise: "a put with If-Match wants the ETag that is there, and a key that exists",
    aws: "412 PreconditionFailed, ok, 404 NoSuchKey",
    observe: async (s3) => {
      const bucket = await newBucket(s3);
      const { ETag } = (await put(s3, bucket, "k")) as { ETag: string };
      const wrong = await outcomeOf(put(s3, bucket, "k", { IfMatch: '"00000000000000000000000000000000"' }));
      const right = await outcomeOf(put(s3, bucket, "k", { IfMatch: ETag }));
      return `${wrong}, ${right}, ${await outcomeOf(put(s3, bucket, "none", { IfMatch: ETag }))}`;
    },
  },
  {
    id: "s3-if-none-match-multipart",
    promise: "completing a multipart upload with If-None-Match: * is refused where the key exists",
    aws: "412 PreconditionFailed",
    observe: async (s3) => {
      const target = { Bucket: await newBucket(s3), Key: "k" };
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target));
      const { ETag } = await s3.send(new UploadPartCommand({ ...target, UploadId, PartNumber: 1, Body: "part" }));
      await put(s3, target.Bucket, target.Key);
      const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] };
      return outcomeOf(
        s3.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload, IfNoneMatch: "*" })),
      );
    },
  },
  {
    id: "s3-if-none-match-delete-marker",
    promise: "a put with If-None-Match: * succeeds where the newest version is a delete marker",
    aws: "ok, 2 versions and 1 marker",
    observe: async (s3) => {
      const Bucket = await newBucket(s3);
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
      await put(s3, Bucket, "k");
      await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
      const again = await outcomeOf(put(s3, Bucket, "k", { IfNoneMatch: "*" }));
      const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
      return `${again}, ${Versions.length} versions and ${DeleteMarkers.length} marker`;
    },
  },
  {
    id: "s3-policy",
    promise: "a bucket's policy that wants If-None-Match refuses a put without it and takes one with it",
    aws: "403 AccessDenied, ok",
    observe: async (s3) => {
      const Bucket = await newBucket(s3);
      const Statement = {
        Effect: "Deny",
        Principal: "*",
        Action: "s3:PutObject",
        Resource: `arn:aws:s3:::${Bucket}/*`,
        Condition: { Null: { "s3:if-none-match": "true" } },
      };
      const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [Statement] });
      await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
      const without = await outcomeOf(put(s3, Bucket, "k"));
      return `${without}, ${await outcomeOf(put(s3, Bucket, "k", { IfNoneMatch: "*" }))}`;
    },
  },
];
