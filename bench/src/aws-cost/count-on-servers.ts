import { aws, ensureResources } from "@agenthandoff/aws";
import { credentials, region, startServers } from "@agenthandoff/test-servers";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { playScript } from "../script/play-script.js";
import type { Script } from "../script/script.js";
import { AGENTS, RELAY_ID } from "../script/scripted-relay.js";
import { billedRequests } from "./cost.js";

/** What a chain asked of the queues and the table, in all. */
export interface QueueAndTableUse {
  /** Requests that carried a message, as billed. */
  readonly sqsRequests: number;
  /** Receives that brought nothing: they depend on how long a worker waits, not on handoffs. */
  readonly emptyReceives: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly calls: Readonly<Record<string, number>>;
}

interface Answered {
  readonly operation: string;
  readonly input: object;
  readonly output: object;
}

type AnyClient = S3Client | SQSClient | DynamoDBClient;

/** Plays a script on servers that stand for AWS, through the real SDK, and counts what is billed. */
export async function countOnServers(script: Script): Promise<QueueAndTableUse> {
  const { servers, stop } = await startServers(["s3", "sqs", "dynamodb"]);
  const endpointOf = (service: keyof typeof servers) => ({ endpoint: servers[service].endpoint, region, credentials });
  try {
    const clients = {
      s3: new S3Client({ ...endpointOf("s3"), forcePathStyle: true }),
      sqs: new SQSClient(endpointOf("sqs")),
      dynamodb: new DynamoDBClient(endpointOf("dynamodb")),
    };
    const names = { bucket: "bench-contexts", table: "bench-audit" };
    const resources = await ensureResources({ ...names, relayId: RELAY_ID, agents: AGENTS, clients });
    const answered: Answered[] = [];
    for (const client of Object.values(clients)) watch(client, answered);
    await playScript({ script, backend: aws({ ...resources, clients }) });
    return countOf(answered);
  } finally {
    await stop();
  }
}

/** Sees every call and its answer, and asks DynamoDB what it used. */
function watch(client: AnyClient, answered: Answered[]): void {
  // The clients' stacks differ in nothing that matters here.
  (client as DynamoDBClient).middlewareStack.add(
    (next, { commandName = "" }) =>
      async (call) => {
        const operation = commandName.replace(/Command$/, "");
        const input = call.input as object;
        const asking = client instanceof DynamoDBClient && operation !== "DescribeTable";
        const asked = asking ? { ...input, ReturnConsumedCapacity: "TOTAL" } : input;
        const result = await next({ ...call, input: asked as typeof call.input });
        answered.push({ operation, input, output: result.output });
        return result;
      },
    { step: "initialize", name: "watch" },
  );
}

function countOf(answered: readonly Answered[]): QueueAndTableUse {
  const calls: Record<string, number> = {};
  let [sqsRequests, emptyReceives, writeUnits, readUnits] = [0, 0, 0, 0];
  for (const { operation, input, output } of answered) {
    calls[operation] = (calls[operation] ?? 0) + 1;
    const units = capacityOf(output);
    if (operation === "TransactWriteItems" || operation === "PutItem" || operation === "DeleteItem")
      writeUnits += units;
    if (operation === "Query" || operation === "GetItem") readUnits += units;
    if (operation === "SendMessage")
      sqsRequests += billedRequests(bytesOf((input as { MessageBody?: string }).MessageBody));
    if (operation === "DeleteMessage") sqsRequests++;
    if (operation === "ReceiveMessage") {
      const { Messages = [] } = output as { Messages?: readonly { Body?: string }[] };
      if (Messages.length === 0) emptyReceives++;
      else sqsRequests += billedRequests(Messages.reduce((sum, { Body }) => sum + bytesOf(Body), 0));
    }
  }
  return { sqsRequests, emptyReceives, writeUnits, readUnits, calls };
}

const bytesOf = (text: string | undefined): number => Buffer.byteLength(text ?? "");

/** DynamoDB answers with one capacity, or with one for each table of a transaction. */
function capacityOf(output: object): number {
  const { ConsumedCapacity } = output as {
    ConsumedCapacity?: { CapacityUnits?: number } | { CapacityUnits?: number }[];
  };
  return [ConsumedCapacity ?? []].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
}
