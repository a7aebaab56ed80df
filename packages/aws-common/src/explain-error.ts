import { BackendUnusableError, HandoffError } from "@agenthandoff/core";

/** What an SDK's error is called; a service says so in `name`, an older protocol or the network in `Code` or `code`. */
export function errorName(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const { name, Code, code } = error as Record<string, unknown>;
  const known = [name, Code, code].filter((each) => typeof each === "string" && each !== "" && each !== "Error");
  return (known[0] as string | undefined) ?? "";
}

/** The status of the answer that an SDK's error stands for, where there was an answer. */
export function httpStatus(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const metadata = (error as { $metadata?: { httpStatusCode?: unknown } }).$metadata;
  return typeof metadata?.httpStatusCode === "number" ? metadata.httpStatusCode : undefined;
}

const THROTTLED: readonly string[] = [
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "RequestThrottled",
  "RequestThrottledException",
  "RequestLimitExceeded",
  "TooManyRequestsException",
  "ProvisionedThroughputExceededException",
  "OverLimit",
  "SlowDown",
  "KMS.ThrottlingException",
  "KmsThrottled",
];

/** Whether a service asked to be called less often. */
export function isThrottled(error: unknown): boolean {
  return THROTTLED.includes(errorName(error));
}

interface Explanation {
  readonly reason: string;
  readonly names: readonly string[];
  readonly retryable: boolean;
  readonly say: string;
}

/** Errors that no retry mends and that somebody must act on; where a fresh start may see another answer, retryable. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    reason: "credentials-expired",
    names: ["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"],
    // A provider that refreshes them may do so before the next call.
    retryable: true,
    say: "the AWS credentials have expired; renew them (a role's credentials renew themselves), then work goes on",
  },
  {
    reason: "credentials",
    names: [
      "CredentialsProviderError",
      "TokenProviderError",
      "InvalidAccessKeyId",
      "InvalidClientTokenId",
      "UnrecognizedClientException",
      "SignatureDoesNotMatch",
      "InvalidSignatureException",
      "MissingAuthenticationToken",
      "MissingAuthenticationTokenException",
      "IncompleteSignature",
      "InvalidToken",
    ],
    retryable: false,
    say: "AWS does not accept these credentials, or none were found; set a profile, a role or AWS_ACCESS_KEY_ID for this process",
  },
  {
    reason: "clock",
    names: ["RequestTimeTooSkewed"],
    retryable: true,
    say: "this machine's clock is too far from AWS's; set it right (NTP), then work goes on",
  },
  {
    reason: "encryption-key",
    names: [
      "KMS.DisabledException",
      "KMS.InvalidStateException",
      "KMS.NotFoundException",
      "KMS.AccessDeniedException",
      "KmsDisabled",
      "KmsInvalidState",
      "KmsNotFound",
      "KmsAccessDenied",
      "KmsOptInRequired",
    ],
    retryable: true,
    say: "the KMS key cannot be used; enable it, and allow this role kms:Decrypt and kms:GenerateDataKey on it",
  },
  {
    reason: "permission",
    names: ["AccessDenied", "AccessDeniedException", "AccessDeniedFault", "AllAccessDisabled", "UnauthorizedOperation"],
    // Policies take a while to arrive, and an outage must not cost a task its attempts.
    retryable: true,
    say: "AWS refused this action; allow it in the role's policy (the package's README lists what it needs)",
  },
  {
    reason: "missing",
    names: [
      "NoSuchBucket",
      "QueueDoesNotExist",
      "AWS.SimpleQueueService.NonExistentQueue",
      "QueueDeletedRecently",
      "ResourceNotFoundException",
    ],
    retryable: false,
    say: "the bucket, queue or table does not exist in this account and region; create it, or correct its name, the region or the endpoint",
  },
];

/** The SDK's error has no name of its own. */
const NO_REGION: Explanation = {
  reason: "region",
  names: [],
  retryable: false,
  say: "no AWS region was found; set AWS_REGION or a profile's region for this process, or the option `region`",
};

const isNoRegion = (cause: unknown): boolean => cause instanceof Error && cause.message === "Region is missing";

/**
 * What an SDK's error means for a person, and what to do. One that only says that a service failed, was slow or asked
 * for patience stays as it is: the same may succeed later.
 */
export function explained(cause: unknown): unknown {
  if (HandoffError.isInstance(cause)) return cause;
  const name = errorName(cause);
  const found = isNoRegion(cause)
    ? NO_REGION
    : (EXPLANATIONS.find(({ names }) => names.includes(name)) ?? EXPLANATIONS.find(byStatus(cause, name)));
  if (found === undefined) return cause;
  const said = cause instanceof Error ? cause.message : "";
  const detail = ` (${[name, said].filter((text) => text !== "").join(": ")})`;
  return new BackendUnusableError(`${found.say}${detail}`, { reason: found.reason, retryable: found.retryable, cause });
}

/** A HEAD has no body, so that its 403 has no name but the SDK's own. */
function byStatus(cause: unknown, name: string): (each: Explanation) => boolean {
  const nameless =
    name === "" || name === "Unknown" || name === "UnknownError" || name === "Forbidden" || name === "403";
  return ({ reason }) => reason === "permission" && nameless && httpStatus(cause) === 403;
}
