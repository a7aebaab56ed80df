import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { Clock, Random } from "@agenthandoff/core";
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { type DynamoAuditLog, dynamoAuditLog } from "../dynamo-audit-log.js";
import type { DynamoAuditLogOptions } from "../options.js";

export interface ReceivedRequest {
  /** As AWS calls it: `PutItem`. */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Answers one request, or leaves it without an answer. */
export type Answer = (response: ServerResponse, request: ReceivedRequest) => void;

export interface FaultServer extends AsyncDisposable {
  readonly requests: readonly ReceivedRequest[];
  /** A real SDK client that tries each request once, unless told otherwise. */
  client(configuration?: DynamoDBClientConfig): DynamoDBClient;
  /** A log with such a client, that waits for nothing unless it is given a clock. */
  open(options?: Partial<DynamoAuditLogOptions>): DynamoAuditLog;
  /** Resolves once a number of requests have come in all. */
  received(count: number): Promise<void>;
}

/** A server that answers as told, one answer a request; the last one goes on answering. */
export async function faultServer(...answers: readonly Answer[]): Promise<FaultServer> {
  const requests: ReceivedRequest[] = [];
  const clients: DynamoDBClient[] = [];
  const server = createServer(async (request, response) => {
    const operation = String(request.headers["x-amz-target"]).replace("DynamoDB_20120810.", "");
    const received = { operation, input: (await json(request)) as ReceivedRequest["input"] };
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    requests.push(received);
    server.emit("received");
    answer?.(response, received);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = (configuration: DynamoDBClientConfig = {}): DynamoDBClient => {
    const made = new DynamoDBClient({
      endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
      ...configuration,
    });
    clients.push(made);
    return made;
  };
  return {
    requests,
    client,
    open: (options = {}) =>
      dynamoAuditLog({ table: "faults", client: options.client ?? client(), clock: instantClock(), ...options }),
    async received(count) {
      while (requests.length < count) await once(server, "received");
    },
    async [Symbol.asyncDispose]() {
      for (const made of clients) made.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const TYPE = { "content-type": "application/x-amz-json-1.0" };

/** An error as DynamoDB words it. */
export const failing =
  (
    name: string,
    { status = 400, ...more }: { readonly status?: number; readonly [member: string]: unknown } = {},
  ): Answer =>
  (response) => {
    const namespace = name.startsWith("Expired") ? "com.amazon.coral.service" : "com.amazonaws.dynamodb.v20120810";
    const body = { __type: `${namespace}#${name}`, message: "in the words of DynamoDB", ...more };
    response.writeHead(status, TYPE).end(JSON.stringify(body));
  };

/** A transaction that was not made, and why, a code for each of its writes. */
export const canceled = (...codes: readonly string[]): Answer =>
  failing("TransactionCanceledException", {
    Message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(", ")}]`,
    CancellationReasons: codes.map((Code) => (Code === "None" ? { Code } : { Code, Message: `why: ${Code}` })),
  });

export const succeeding =
  (output: unknown = {}): Answer =>
  (response) => {
    response.writeHead(200, TYPE).end(JSON.stringify(output));
  };

/** Takes the request and never answers. */
export const silent: Answer = () => {};

/** Takes the request and ends the connection without an answer. */
export const hangingUp: Answer = (response) => {
  response.destroy();
};

/** A clock whose sleeps end at once, and are remembered. */
export function instantClock(now = 0): Clock & { readonly sleeps: readonly number[] } {
  const sleeps: number[] = [];
  return {
    now: () => now,
    sleeps,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      sleeps.push(ms);
    },
  };
}

/** Chance that always takes the longest wait. */
export const longestWaits: Random = { number: () => 1, id: () => "an-id" };
