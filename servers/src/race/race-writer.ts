/** A process that writes the same keys as another one: told a round by its parent, it answers with the outcome. */
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { credentials, region } from "../credentials.js";
import { outcomeOf } from "../facts/fact.js";

const [endpoint = "", bucket = "", name = ""] = process.argv.slice(2);
// One try, so that no success hides behind the refusal of a second one.
const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
// The bucket is there: what this is for is an open connection.
await s3.send(new CreateBucketCommand({ Bucket: `${bucket}-${name}` }));

process.on("message", async (round: number) => {
  const put = new PutObjectCommand({ Bucket: bucket, Key: `key-${round}`, Body: name, IfNoneMatch: "*" });
  process.send?.(await outcomeOf(s3.send(put)));
});
process.on("disconnect", () => process.exit());
process.send?.("ready");
