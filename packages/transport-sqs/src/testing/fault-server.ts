import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { SqsTransportOptions } from "../options.js";
import { type SqsTransport, sqsTransport } from "../sqs-transport.js";

export interface ReceivedRequest {
  /** As AWS calls it: `SendMessage`. */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Answers one request, or leaves it without an answer. */
export type Answer = (response: ServerResponse, request: ReceivedRequest) => void;

export interface FaultServer extends AsyncDisposable {
  readonly endpoint: string;
  readonly requests: readonly ReceivedRequest[];
  /** A transport with a real SDK client that tries each request once, unless told otherwise. */
  open(options?: Partial<SqsTransportOptions> & { readonly maxAttempts?: number }): SqsTransport;
  openWithClient(): { readonly client: SQSClient; readonly transport: SqsTransport };
  /** Resolves once a number of requests have come in all. */
  received(count: number): Promise<void>;
}

/** Where a relay "relay" has a queue for its agent "agent". */
export const ADDRESS = { relayId: "relay", agent: "agent" } as const;

export const MESSAGE = { body: "{}", groupId: "task", deduplicationId: "1" } as const;

/** A server that answers each operation as told, one answer a request; the last one goes on answering. */
export async function faultServer(answers: { readonly [operation: string]: readonly Answer[] }): Promise<FaultServer> {
  const requests: ReceivedRequest[] = [];
  const transports: SqsTransport[] = [];
  const clients: SQSClient[] = [];
  const server = createServer(async (request, response) => {
    const operation = String(request.headers["x-amz-target"]).replace("AmazonSQS.", "");
    const received = { operation, input: (await json(request)) as ReceivedRequest["input"] };
    const known = answers[operation] ?? [failing("UnsupportedOperation")];
    const before = requests.filter((each) => each.operation === operation).length;
    requests.push(received);
    server.emit("received");
    known[Math.min(before, known.length - 1)]?.(response, received);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const queue = { url: `${endpoint}/1/agent.fifo`, deadLetterUrl: `${endpoint}/1/agent-dead.fifo` };

  function newClient(maxAttempts: number): SQSClient {
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const client = new SQSClient({ endpoint, region: "us-east-1", credentials, maxAttempts });
    clients.push(client);
    return client;
  }

  function openOn(client: SQSClient, options: Partial<SqsTransportOptions> = {}): SqsTransport {
    const transport = sqsTransport({ queues: { agent: queue }, client, ...options });
    transports.push(transport);
    return transport;
  }

  return {
    endpoint,
    requests,
    open({ maxAttempts = 1, ...options } = {}) {
      return openOn(newClient(maxAttempts), options);
    },
    openWithClient() {
      const client = newClient(1);
      return { client, transport: openOn(client) };
    },
    async received(count) {
      while (requests.length < count) await once(server, "received");
    },
    async [Symbol.asyncDispose]() {
      for (const each of transports) each.close();
      for (const client of clients) client.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const TYPE = { "content-type": "application/x-amz-json-1.0" };

/** An error as SQS words it. */
export const failing =
  (
    name: string,
    { status = 400, message = "in the words of SQS" }: { readonly status?: number; readonly message?: string } = {},
  ): Answer =>
  (response) => {
    const body = JSON.stringify({ __type: `com.amazonaws.sqs#${name}`, message });
    response.writeHead(status, { ...TYPE, "x-amzn-query-error": `${name};Sender` }).end(body);
  };

export const succeeding =
  (output: unknown = {}): Answer =>
  (response) => {
    response.writeHead(200, TYPE).end(JSON.stringify(output));
  };

/** Takes the request and never answers. */
export const silent: Answer = () => {};

/** An answer that comes when the test lets it go. */
export function held(answer: Answer): { readonly answer: Answer; release(): void } {
  const waiting: (() => void)[] = [];
  return {
    answer: (response, request) => {
      waiting.push(() => answer(response, request));
    },
    release() {
      for (const each of waiting) each();
    },
  };
}

/** Takes the request and ends the connection without an answer. */
export const hangingUp: Answer = (response) => {
  response.destroy();
};

/** The SDK checks it. */
const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

/** Messages as ReceiveMessage yields them. */
export const yielding = (...bodies: readonly string[]): Answer =>
  succeeding({
    Messages: bodies.map((body, index) => ({
      MessageId: `id-${index}`,
      ReceiptHandle: `receipt-${index}`,
      Body: body,
      MD5OfBody: md5(body),
      Attributes: { MessageGroupId: "task", ApproximateReceiveCount: "1", SentTimestamp: `${index}` },
    })),
  });

export const accepting: Answer = (response, { input }) => {
  succeeding({ MessageId: "id", MD5OfMessageBody: md5(String(input.MessageBody)) })(response, { operation: "", input });
};
