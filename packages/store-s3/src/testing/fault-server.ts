import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Clock, Random } from "@agenthandoff/core";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import type { S3StoreOptions } from "../options.js";
import { type S3Store, s3Store } from "../s3-store.js";

export interface ReceivedRequest {
  readonly method: string;
  /** The path below the bucket, without the query. */
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** Answers one request, or leaves it without an answer. */
export type Answer = (response: ServerResponse, request: ReceivedRequest) => void;

export interface FaultServer extends AsyncDisposable {
  readonly endpoint: string;
  readonly requests: readonly ReceivedRequest[];
  /** A real SDK client that tries each request once unless told otherwise. */
  connect(options?: S3ClientConfig): S3Client;
  /** A store with such a client. It trusts its bucket, and waits for nothing. */
  open(options?: Partial<S3StoreOptions> & { readonly maxAttempts?: number }): S3Store;
  /** Resolves once a number of requests have come in all. */
  received(count: number): Promise<void>;
}

/** A server that answers as told, one answer a request; the last one goes on answering. */
export async function faultServer(...answers: readonly Answer[]): Promise<FaultServer> {
  const requests: ReceivedRequest[] = [];
  const clients: S3Client[] = [];
  const server = createServer(async (request, response) => {
    // A client may give up while it sends.
    const body = await buffer(request).catch(() => undefined);
    if (body === undefined) return;
    const { pathname, searchParams: query } = new URL(request.url ?? "", "http://localhost");
    const received = {
      method: request.method ?? "",
      key: decodeURIComponent(pathname.replace(/^\/faults\/?/, "")),
      query,
      headers: request.headers,
      body,
    };
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    requests.push(received);
    server.emit("received");
    answer?.(response, received);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connect = (options: S3ClientConfig = {}): S3Client => {
    const client = new S3Client({
      endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      forcePathStyle: true,
      maxAttempts: 1,
      ...options,
    });
    clients.push(client);
    return client;
  };
  return {
    endpoint,
    requests,
    connect,
    open: ({ maxAttempts = 1, ...options } = {}) =>
      s3Store({
        bucket: "faults",
        client: connect({ maxAttempts }),
        probeKey: false,
        clock: instantClock(),
        ...options,
      }),
    async received(count) {
      while (requests.length < count) await once(server, "received");
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** An error as S3 words it. */
export const failing =
  (status: number, code: string): Answer =>
  (response) => {
    const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>in the words of S3</Message></Error>`;
    response.writeHead(status, { "content-type": "application/xml" }).end(body);
  };

export const succeeding =
  (body: string | Uint8Array = "", headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) => {
    const bytes = Buffer.from(body);
    response.writeHead(200, { "content-length": bytes.byteLength, ...headers }).end(bytes);
  };

/** Begins a response whose body never comes to its end. */
export const stalling =
  (begin: string, length: number): Answer =>
  (response) => {
    response.writeHead(200, { "content-length": length });
    response.write(begin);
  };

/** Ends the connection before the body is whole. */
export const breakingOff =
  (begin: string, length: number): Answer =>
  (response) => {
    response.writeHead(200, { "content-length": length });
    response.write(begin, () => response.destroy());
  };

/** Takes the request and ends the connection without an answer. */
export const hangingUp: Answer = (response) => {
  response.destroy();
};

/** Takes the request and never answers. */
export const silent: Answer = () => {};

/** A clock whose sleeps end at once, and are remembered. */
export function instantClock(): Clock & { readonly sleeps: readonly number[] } {
  const sleeps: number[] = [];
  return {
    now: () => 0,
    sleeps,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      sleeps.push(ms);
    },
  };
}

/** Chance that always takes the longest wait. */
export const longestWaits: Random = { number: () => 1, id: () => "id" };
