import { clientDefaults } from "@agenthandoff/aws-common";
import { S3Client } from "@aws-sdk/client-s3";
import { DEFAULT_TIMEOUT_MS } from "./limits.js";
import type { ParsedOptions } from "./options.js";

/** A client for a store that was given none. Credentials, and the region unless it is given, come by the SDK's own chain. */
export function ownClient({
  region,
  timeoutMs = DEFAULT_TIMEOUT_MS,
}: Pick<ParsedOptions, "region" | "timeoutMs">): S3Client {
  const { requestHandler, ...defaults } = clientDefaults(timeoutMs);
  return new S3Client({
    ...defaults,
    ...(region === undefined ? {} : { region }),
    // A response that stops in the middle of its body would hold its reader for ever.
    requestHandler: { ...requestHandler, socketTimeout: timeoutMs },
  });
}
