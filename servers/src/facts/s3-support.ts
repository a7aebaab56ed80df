import {
  CreateBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import { uniqueName } from "./fact.js";

export const newBucket = async (s3: S3Client): Promise<string> => {
  const Bucket = uniqueName("facts");
  await s3.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
};

export const put = (
  s3: S3Client,
  bucket: string,
  key: string,
  more: Partial<PutObjectCommandInput> = {},
): Promise<unknown> => s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: "body", ...more }));

/** All keys of a bucket, two a page. */
export const keysOf = async (s3: S3Client, bucket: string, startAfter?: string): Promise<string> => {
  const keys: (string | undefined)[] = [];
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        MaxKeys: 2,
        ...(startAfter === undefined ? {} : { StartAfter: startAfter }),
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
    );
    keys.push(...(page.Contents ?? []).map((entry) => entry.Key));
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return keys.join(" ");
};
