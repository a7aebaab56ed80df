import { clientDefaults } from "@agenthandoff/aws-common";
import { SQSClient } from "@aws-sdk/client-sqs";

/** Each agent's worker holds a connection while it waits for messages, beside those of the work. */
const CONNECTIONS = { keepAlive: true, maxSockets: 500 };

/**
 * A client for a transport that was given none. Credentials, and the region unless it is given, come by the SDK's own chain.
 * @param longestAnswerMs how long one request may take, a poll's wait included
 */
export function ownClient(region: string | undefined, longestAnswerMs?: number): SQSClient {
  const { requestHandler, ...defaults } = clientDefaults(longestAnswerMs);
  return new SQSClient({
    ...defaults,
    ...(region === undefined ? {} : { region }),
    requestHandler: {
      ...requestHandler,
      // An answer that stops in the middle would hold its reader for ever.
      socketTimeout: requestHandler.requestTimeout,
      httpAgent: CONNECTIONS,
      httpsAgent: CONNECTIONS,
    },
  });
}
