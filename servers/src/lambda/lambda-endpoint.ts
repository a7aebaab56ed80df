import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { LambdaFunction } from "./lambda-function.js";

/** The API of Lambda on 127.0.0.1, as far as Invoke (RequestResponse) goes. */
export interface LambdaEndpoint {
  /** What an SDK client takes as its endpoint. */
  readonly endpoint: string;
  /** The names of the functions that were invoked, in order; a refused one too. */
  readonly invoked: readonly string[];
  /** Refuses the next `times` invocations as Lambda does where a function's concurrency is used up. */
  throttle(times: number): void;
  stop(): Promise<void>;
}

/** Lambda's own limit of an answer, in bytes. */
const MAX_RESPONSE_BYTES = 6_291_556;
const INVOKE = /^\/2015-03-31\/functions\/(?<name>[^/]+)\/invocations$/;

/**
 * Serves functions by their names, or by ARNs that end in them: each invocation is a process of its own.
 * Not emulated: permissions, signatures, concurrency but for `throttle`, asynchronous invocations, versions and aliases.
 */
export const lambdaEndpoint = async (functions: readonly LambdaFunction[]): Promise<LambdaEndpoint> => {
  const invoked: string[] = [];
  let throttled = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? "/", "http://127.0.0.1").pathname;
    const name =
      decodeURIComponent(INVOKE.exec(path)?.groups?.name ?? "")
        .split(":")
        .at(-1) ?? "";
    const target = functions.find((each) => each.name === name);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const reply = (status: number, headers: Record<string, string>, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body ?? null));
    };
    const refuse = (status: number, type: string, message: string): void =>
      reply(status, { "x-amzn-errortype": type }, { Type: "User", message });
    if (target === undefined) return refuse(404, "ResourceNotFoundException", `Function not found: ${name}`);
    invoked.push(name);
    if (throttled > 0) {
      throttled -= 1;
      return refuse(429, "TooManyRequestsException", "Rate Exceeded.");
    }
    // Whoever hangs up ends nothing: Lambda lets the function go on.
    const invocation = await target.invoke(JSON.parse(Buffer.concat(chunks).toString("utf8")));
    const failed = (errorType: string, errorMessage: string): void =>
      reply(200, { "x-amz-function-error": "Unhandled" }, { errorType, errorMessage });
    switch (invocation.status) {
      case "returned": {
        const bytes = Buffer.byteLength(JSON.stringify(invocation.response));
        if (bytes <= MAX_RESPONSE_BYTES) return reply(200, {}, invocation.response);
        return failed(
          "Function.ResponseSizeTooLarge",
          `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
        );
      }
      case "error":
        return reply(200, { "x-amz-function-error": "Unhandled" }, invocation.error);
      case "timed-out":
        return failed("Sandbox.Timedout", "Task timed out");
      case "died":
        return failed("Runtime.ExitError", "Runtime exited without providing a reason");
    }
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response
        .writeHead(500, { "x-amzn-errortype": "ServiceException" })
        .end(JSON.stringify({ message: String(error) }));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    invoked,
    throttle(times) {
      throttled = times;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
