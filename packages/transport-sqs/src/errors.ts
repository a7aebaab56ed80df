import { errorName } from "@agenthandoff/aws-common";

const LEASE_LOST: readonly string[] = [
  "ReceiptHandleIsInvalid",
  "MessageNotInflight",
  "AWS.SimpleQueueService.MessageNotInflight",
];

/** Whether SQS says that a receipt holds its message no longer. */
export function isLeaseLost(error: unknown): boolean {
  const name = errorName(error);
  if (LEASE_LOST.includes(name)) return true;
  // FIFO queues refuse an expired receipt under this general name, and a stay beyond 12 hours too.
  const message = error instanceof Error ? error.message : "";
  return name.startsWith("InvalidParameterValue") && /ReceiptHandle|Total VisibilityTimeout/.test(message);
}

const REFUSED_MESSAGE: readonly string[] = [
  "InvalidParameterValue",
  "InvalidAttributeValue",
  "InvalidMessageContents",
  "BatchRequestTooLong",
];

/** Whether SQS refuses a message for what it is: too large, among other things, which it says in prose only. */
export function isRefusedMessage(error: unknown): boolean {
  return REFUSED_MESSAGE.includes(errorName(error));
}
