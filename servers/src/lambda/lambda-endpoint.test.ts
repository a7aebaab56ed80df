import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LambdaEndpoint, lambdaEndpoint } from "./lambda-endpoint.js";
import type { Invocation, LambdaFunction } from "./lambda-function.js";

type Outcome = Invocation extends infer Each ? (Each extends unknown ? Omit<Each, "initMs" | "log"> : never) : never;

const ending = (name: string, outcome: (event: unknown) => Outcome): LambdaFunction => ({
  name,
  invoke: async (event) => ({ ...outcome(event), initMs: 1, log: "" }) as Invocation,
});

describe("the endpoint of Lambda", () => {
  let lambda: LambdaEndpoint;
  beforeAll(async () => {
    lambda = await lambdaEndpoint([
      ending("echo", (event) => ({ status: "returned", response: { event } })),
      ending("large", () => ({ status: "returned", response: "x".repeat(6_291_556) })),
      ending("throws", () => ({
        status: "error",
        error: { errorType: "RangeError", errorMessage: "too far", trace: [] },
      })),
      ending("slow", () => ({ status: "timed-out" })),
      ending("dies", () => ({ status: "died" })),
    ]);
  });
  afterAll(() => lambda.stop());

  const invoke = async (name: string) => {
    const url = `${lambda.endpoint}/2015-03-31/functions/${encodeURIComponent(name)}/invocations`;
    const response = await fetch(url, { method: "POST", body: '{"a":1}' });
    return {
      status: response.status,
      failed: response.headers.get("x-amz-function-error"),
      refused: response.headers.get("x-amzn-errortype"),
      body: (await response.json()) as unknown,
    };
  };

  it.each(["echo", "arn:aws:lambda:us-east-1:000000000000:function:echo"])("invokes %s", async (name) => {
    expect(await invoke(name)).toEqual({ status: 200, failed: null, refused: null, body: { event: { a: 1 } } });
  });

  it.each([
    ["throws", "RangeError"],
    ["large", "Function.ResponseSizeTooLarge"],
    ["slow", "Sandbox.Timedout"],
    ["dies", "Runtime.ExitError"],
  ])("reports a function that %s as an error of the function, %s", async (name, errorType) => {
    expect(await invoke(name)).toMatchObject({ status: 200, failed: "Unhandled", body: { errorType } });
  });

  it("refuses what is not there", async () => {
    expect(await invoke("nobody")).toMatchObject({ status: 404, refused: "ResourceNotFoundException" });
  });

  it("refuses as many invocations as it is told to, and runs nothing for them", async () => {
    lambda.throttle(1);
    const before = lambda.invoked.length;
    expect(await invoke("echo")).toMatchObject({ status: 429, refused: "TooManyRequestsException" });
    expect(await invoke("echo")).toMatchObject({ status: 200 });
    expect(lambda.invoked.slice(before)).toEqual(["echo", "echo"]);
  });
});
