import { clientDefaults } from "@agenthandoff/aws-common";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** A client for a log that was given none. Credentials, and the region unless it is given, come by the SDK's own chain. */
export function ownClient(region: string | undefined): DynamoDBClient {
  const { requestHandler, ...defaults } = clientDefaults();
  return new DynamoDBClient({
    ...defaults,
    ...(region === undefined ? {} : { region }),
    // An answer that stops in the middle would hold its reader for ever.
    requestHandler: { ...requestHandler, socketTimeout: requestHandler.requestTimeout },
  });
}
