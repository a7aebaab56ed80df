import { clientDefaults } from "@agenthandoff/aws-common";
import { SQSClient } from "@aws-sdk/client-sqs";

/** Each agent's worker holds a connection while it waits for messages, beside those of the work. */
const CONNECTIONS = { keepAlive: true, maxSockets: 500 };

/**
 * A client for a transport that was given none. Credentials, and the region unless it is given, come by the SDK's own chain.
 * @param longestAnswerMs how long one request may take, a poll's wait included
 */
export function ownClient(region: string | undefined, longestAnswerMs?: number): SQSClient {
  const { requestHandler, ...defaults } = clientDefaults(region, longestAnswerMs);
  return new SQSClient({
    ...defaults,
    requestHandler: { ...requestHandler, httpAgent: CONNECTIONS, httpsAgent: CONNECTIONS },
  });
}
