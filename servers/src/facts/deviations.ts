import type { ServerName } from "../services.js";
import type { Deviations } from "./fact.js";

const MOTO_S3: Deviations = {
  "s3-policy": "403 Unknown, 403 Unknown",
  "s3-credentials": "ok",
  "s3-checksum-checked": "ok",
  "s3-checksum-sha256-checked": "ok",
  "s3-md5-checked": "ok",
  "s3-key-length": "ok, ok",
};

const SEAWEEDFS: Deviations = {
  "s3-if-match": "412 PreconditionFailed, ok, 412 PreconditionFailed",
  "s3-policy": "403 AccessDenied, 403 AccessDenied",
  "s3-kms": "500 InternalError",
  "s3-list-order": "A/1 A/2 A.0 a/1 é, A.0 a/1 é",
  "s3-credentials": "ok",
};

const ELASTICMQ: Deviations = {
  "sqs-expired-receipt": "400 ReceiptHandleIsInvalid, 1 left",
  "sqs-extend-after-deletion": "400 ReceiptHandleIsInvalid",
  "sqs-extend-in-time": "ok",
  "sqs-largest-message": "undefined, ok",
  "sqs-message-too-long": "ok",
  "sqs-attributes-count-toward-size": "ok",
  "sqs-control-characters": "400 InvalidAttributeValue",
  "sqs-eleven-attributes": "400 InvalidAttributeValue",
  "sqs-eleven-in-a-batch": "400 TooManyEntriesInBatchRequest, 400 InvalidAttributeValue",
  "sqs-fifo-name": "400 InvalidAttributeName",
  "sqs-fifo-wants-fifo-dead-letters": "ok",
  "sqs-move-task": "COMPLETED, nothing",
  "sqs-credentials": "ok",
};

const MOTO_SQS: Deviations = {
  "sqs-deduplication": "first, another id",
  "sqs-deduplication-after-deletion": "ok, second",
  "sqs-expired-receipt": "ok, 0 left",
  "sqs-extend-after-deletion": "400 ReceiptHandleIsInvalid",
  "sqs-attributes-count-toward-size": "ok",
  "sqs-control-characters": "ok",
  "sqs-eleven-attributes": "ok",
  "sqs-group-length": "ok, ok",
  "sqs-fifo-wants-fifo-dead-letters": "400 InvalidParameterCombination",
  "sqs-dead-letters": "nothing, 1 in group, from undefined",
  "sqs-move-task": "500 SyntaxError",
  "sqs-credentials": "ok",
};

const DYNAMODB_LOCAL: Deviations = {
  "dynamodb-transaction-conflict": "all ok, 100",
  "dynamodb-transaction-same-item": "canceled (None ConditionalCheckFailed)",
  "dynamodb-table-creating": "ACTIVE",
  "dynamodb-credentials": "ok",
};

const MOTO_DYNAMODB: Deviations = {
  "dynamodb-transaction-token": "ok, canceled (ConditionalCheckFailed), ok",
  "dynamodb-transaction-conflict": "all ok, 100",
  "dynamodb-transaction-size": "ValidationException, ok",
  "dynamodb-item-size": "400 ValidationException, 400 ValidationException",
  "dynamodb-number-precision": "12345678901234567890123456789012345678, ok",
  "dynamodb-capacity": "1",
  "dynamodb-table-creating": "ACTIVE",
  "dynamodb-credentials": "ok",
  "dynamodb-batch-size": "ok",
};

/** What each server was seen to do in place of what AWS documents. */
export const DEVIATIONS: Readonly<Record<ServerName, Deviations>> = {
  "moto-s3": MOTO_S3,
  elasticmq: ELASTICMQ,
  "dynamodb-local": DYNAMODB_LOCAL,
  seaweedfs: SEAWEEDFS,
  "moto-sqs": MOTO_SQS,
  "moto-dynamodb": MOTO_DYNAMODB,
};
