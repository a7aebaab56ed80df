import { clientDefaults } from "@agenthandoff/aws-common";
import { SQSClient } from "@aws-sdk/client-sqs";

/** Each agent's worker holds a connection while it waits for messages, beside those of the work. */
const MAX_CONNECTIONS = 500;

/** A client for a transport that was given none. Credentials, and the region unless it is given, come by the SDK's own chain. */
export function ownClient(region: string | undefined): SQSClient {
  const { requestHandler, ...defaults } = clientDefaults();
  return new SQSClient({
    ...defaults,
    ...(region === undefined ? {} : { region }),
    requestHandler: {
      ...requestHandler,
      // An answer that stops in the middle would hold its reader for ever.
      socketTimeout: requestHandler.requestTimeout,
      httpsAgent: { keepAlive: true, maxSockets: MAX_CONNECTIONS },
    },
  });
}
