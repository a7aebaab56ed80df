import type { LambdaFunction } from "@agenthandoff/test-servers/lambda";
import type { FunctionContext } from "../index.js";

/** A handler of this process as a function: its requests can be counted. It cannot be killed. */
export function inProcess(
  name: string,
  handler: (event: unknown, context: FunctionContext) => Promise<unknown>,
  timeoutMs = 60_000,
): LambdaFunction {
  return {
    name,
    async invoke(event) {
      const end = Date.now() + timeoutMs;
      const response = await handler(event, { getRemainingTimeInMillis: () => end - Date.now() });
      return { status: "returned", response, initMs: undefined, log: "" };
    },
  };
}
