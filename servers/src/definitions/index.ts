import type { ServerName } from "../services.js";
import type { ServerDefinition } from "./definition.js";
import { dynamoDbLocal } from "./dynamodb-local.js";
import { elasticMq } from "./elasticmq.js";
import { moto } from "./moto.js";
import { seaweedFs } from "./seaweedfs.js";

export const DEFINITIONS: Readonly<Record<ServerName, ServerDefinition>> = {
  "moto-s3": moto("s3", "moto's S3, one request at a time", "single"),
  "moto-sqs": moto("sqs", "moto's SQS", "threaded"),
  "moto-dynamodb": moto("dynamodb", "moto's DynamoDB", "single"),
  elasticmq: elasticMq,
  "dynamodb-local": dynamoDbLocal,
  seaweedfs: seaweedFs,
};
