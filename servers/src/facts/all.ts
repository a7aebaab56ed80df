import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { credentials, region } from "../credentials.js";
import { DEFINITIONS } from "../definitions/index.js";
import type { ServerName, Service } from "../services.js";
import { DEVIATIONS } from "./deviations.js";
import { DYNAMODB_ITEM_FACTS } from "./dynamodb-items.js";
import { DYNAMODB_TRANSACTION_FACTS } from "./dynamodb-transactions.js";
import type { Fact } from "./fact.js";
import { S3_CONDITION_FACTS } from "./s3-conditions.js";
import { S3_OBJECT_FACTS } from "./s3-objects.js";
import { SQS_LIMIT_FACTS } from "./sqs-limits.js";
import { SQS_ORDER_FACTS } from "./sqs-order.js";

/** A fact as one server shows it. */
export interface ServerFact {
  readonly id: string;
  readonly promise: string;
  readonly aws: string;
  /** What the server does; `aws` where it does not deviate. */
  readonly here: string;
  readonly observe: (endpoint: string) => Promise<string>;
}

// One try: what is looked at is an answer, not what the SDK makes of several.
const options = (endpoint: string) => ({ endpoint, region, credentials, maxAttempts: 1 });

const bind =
  <Client>(facts: readonly Fact<Client>[], connect: (endpoint: string) => Client) =>
  (server: ServerName): readonly ServerFact[] =>
    facts.map(({ observe, ...fact }) => ({
      ...fact,
      here: DEVIATIONS[server][fact.id] ?? fact.aws,
      observe: (endpoint) => observe(connect(endpoint)),
    }));

const FACTS: Readonly<Record<Service, (server: ServerName) => readonly ServerFact[]>> = {
  s3: bind(
    [...S3_CONDITION_FACTS, ...S3_OBJECT_FACTS],
    (endpoint) => new S3Client({ ...options(endpoint), forcePathStyle: true }),
  ),
  sqs: bind([...SQS_ORDER_FACTS, ...SQS_LIMIT_FACTS], (endpoint) => new SQSClient(options(endpoint))),
  dynamodb: bind(
    [...DYNAMODB_TRANSACTION_FACTS, ...DYNAMODB_ITEM_FACTS],
    (endpoint) => new DynamoDBClient(options(endpoint)),
  ),
};

/** Every fact of a server's service, as the server shows it. */
export const factsOf = (server: ServerName): readonly ServerFact[] => FACTS[DEFINITIONS[server].service](server);

/** The title of the test that shows the fact. */
export const titleOf = ({ promise, aws, here }: ServerFact): string =>
  here === aws ? promise : `deviates: AWS says that ${promise}`;
