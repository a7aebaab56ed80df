/** A process that writes the same keys as another one: told a round by its parent, it answers with the outcome. */
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { credentials, region } from "../credentials.js";
import { outcomeOf } from "../facts/fact.js";

const [endpoint = "", Bucket = "", name = "", way = ""] = process.argv.slice(2);
// One try, so that no success hides behind the refusal of a second one.
const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });

const put = async (Key: string): Promise<string> =>
  await outcomeOf(s3.send(new PutObjectCommand({ Bucket, Key, Body: name, IfNoneMatch: "*" })));

const uploadInParts = async (Key: string): Promise<string> => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: name }));
  const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] };
  const complete = new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload, IfNoneMatch: "*" });
  return await outcomeOf(s3.send(complete));
};

const write = way === "parts" ? uploadInParts : put;

// The bucket is there: what this one is for is an open connection.
await s3.send(new CreateBucketCommand({ Bucket: `${Bucket}-${name}` }));
process.on("message", async (round: number) => {
  process.send?.(await write(`key-${round}`));
});
process.on("disconnect", () => process.exit());
process.send?.("ready");
