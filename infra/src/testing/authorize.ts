import type { RecordedCall } from "@agenthandoff/test-servers";
import type { Statement } from "../policies.js";
import { ACCOUNT, REGION } from "../provider/serve.js";

/** What AWS asks IAM for one request. */
export interface Asked {
  readonly action: string;
  readonly resource: string;
  /** The keys of conditions, as IAM names them. */
  readonly context: Readonly<Record<string, string>>;
}

type Input = Readonly<Record<string, unknown>>;

/** Actions whose names are not those of their operations. */
const S3_ACTIONS: Readonly<Record<string, string>> = {
  CreateMultipartUpload: "PutObject",
  UploadPart: "PutObject",
  CompleteMultipartUpload: "PutObject",
  ListObjectsV2: "ListBucket",
  ListObjectVersions: "ListBucketVersions",
};
/** Operations that make an object: only these can bear a condition. */
const CREATING = ["PutObject", "CompleteMultipartUpload"];

function askedOfS3(operation: string, input: Input): Asked {
  const { Bucket, Key, Prefix, VersionId, IfNoneMatch } = input;
  const bucket = `arn:aws:s3:::${String(Bucket)}`;
  const name =
    operation === "DeleteObject" && VersionId !== undefined
      ? "DeleteObjectVersion"
      : (S3_ACTIONS[operation] ?? operation);
  return {
    action: `s3:${name}`,
    resource: Key === undefined ? bucket : `${bucket}/${String(Key)}`,
    context: {
      ...(Key === undefined ? { "s3:prefix": String(Prefix ?? "") } : {}),
      ...(IfNoneMatch === undefined ? {} : { "s3:if-none-match": String(IfNoneMatch) }),
      "s3:ObjectCreationOperation": String(CREATING.includes(operation)),
    },
  };
}

function askedOfSqs(operation: string, { QueueUrl, SourceArn }: Input): Asked {
  const queue = QueueUrl === undefined ? String(SourceArn).split(":").at(-1) : String(QueueUrl).split("/").at(-1);
  return {
    action: `sqs:${operation.replace(/Batch$/u, "")}`,
    resource: `arn:aws:sqs:${REGION}:${ACCOUNT}:${queue}`,
    context: {},
  };
}

function askedOfDynamo(operation: string, input: Input): readonly Asked[] {
  if (operation === "TransactWriteItems")
    return (input.TransactItems as Record<string, Input>[]).flatMap((write) =>
      Object.entries(write).flatMap(([kind, part]) => askedOfDynamo(`${kind}Item`, part)),
    );
  const table = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${String(input.TableName)}`;
  const resource = input.IndexName === undefined ? table : `${table}/index/${String(input.IndexName)}`;
  const key = (input.Key ?? input.Item) as Readonly<Record<string, { S?: string }>> | undefined;
  return [{ action: `dynamodb:${operation}`, resource, context: leadingKey(key?.pk?.S ?? partitionOf(input)) }];
}

const leadingKey = (key: string | undefined): Readonly<Record<string, string>> =>
  key === undefined ? {} : { "dynamodb:LeadingKeys": key };

/** The partition that a query reads: what its condition compares the partition's key with. */
function partitionOf({
  KeyConditionExpression: condition,
  ExpressionAttributeValues: values,
}: Input): string | undefined {
  const [, value = ""] = /^\S+ = (:\w+)/u.exec(String(condition)) ?? [];
  return (values as Readonly<Record<string, { S?: string }>> | undefined)?.[value]?.S;
}

export function asked(service: "s3" | "sqs" | "dynamodb", { operation, input }: RecordedCall): readonly Asked[] {
  if (service === "s3") return [askedOfS3(operation, input)];
  return service === "sqs" ? [askedOfSqs(operation, input)] : askedOfDynamo(operation, input);
}

const matches = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/gu, "\\$&").replaceAll("*", ".*")}$`, "u").test(text);

/** Whether a statement allows it. A condition on a key that the request lacks is not met, but for the service's own. */
const allows = ({ Action, Resource, Condition = {} }: Statement, { action, resource, context }: Asked): boolean =>
  Action.includes(action) &&
  Resource.some((pattern) => matches(pattern, resource)) &&
  Object.values(Condition)
    .flatMap((keys) => Object.entries(keys))
    .filter(([key]) => key !== "kms:ViaService")
    .every(
      ([key, patterns]) =>
        context[key] !== undefined && [patterns].flat().some((pattern) => matches(pattern, context[key] ?? "")),
    );

export const isAllowed = (statements: readonly Statement[], request: Asked): boolean =>
  statements.some((statement) => allows(statement, request));
